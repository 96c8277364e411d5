import com.alibaba.billing.model.Billinginfo;
import com.caucho.hessian.io.Hessian2Input;
import com.caucho.hessian.io.Hessian2Output;
import com.caucho.hessian.io.HessianInput;
import com.caucho.hessian.io.HessianOutput;
import com.caucho.hessian.io.SerializerFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.FileInputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Caucho's own codec on the calls of a file: arguments are the version, the file and the seconds.
 * Prints the nanoseconds of CPU time a call for reading and for writing, the best of many short rounds.
 */
public class Bench {
    static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();
    static final SerializerFactory FACTORY = new SerializerFactory();

    static Billinginfo read(int version, byte[] body) throws Exception {
        if (version == 1) {
            HessianInput in = new HessianInput(new ByteArrayInputStream(body));
            in.setSerializerFactory(FACTORY);
            in.readCall();
            in.readMethod();
            Billinginfo value = (Billinginfo) in.readObject(Billinginfo.class);
            in.completeCall();
            return value;
        }
        Hessian2Input in = new Hessian2Input(new ByteArrayInputStream(body, 3, body.length - 3));
        in.setSerializerFactory(FACTORY);
        in.readCall();
        in.readMethod();
        in.readInt();
        return (Billinginfo) in.readObject(Billinginfo.class);
    }

    static int write(int version, Billinginfo value) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        if (version == 1) {
            HessianOutput out = new HessianOutput(bytes);
            out.setSerializerFactory(FACTORY);
            out.call("insertServiceOp", new Object[] {value});
            out.flush();
        } else {
            Hessian2Output out = new Hessian2Output(bytes);
            out.setSerializerFactory(FACTORY);
            out.writeVersion();
            out.call("insertServiceOp", new Object[] {value});
            out.flush();
        }
        return bytes.size();
    }

    public static void main(String[] args) throws Exception {
        int version = Integer.parseInt(args[0]);
        byte[][] bodies;
        try (DataInputStream in = new DataInputStream(new FileInputStream(args[1]))) {
            bodies = new byte[in.readInt()][];
            for (int i = 0; i < bodies.length; i++) {
                bodies[i] = new byte[in.readInt()];
                in.readFully(bodies[i]);
            }
        }
        Billinginfo[] values = new Billinginfo[bodies.length];
        for (int i = 0; i < bodies.length; i++) values[i] = read(version, bodies[i]);
        if (values[0].getAmount().signum() == 0) throw new IllegalStateException("the decimal was lost");
        long end = System.nanoTime() + (long) (Double.parseDouble(args[2]) * 1e9);
        double reading = Double.MAX_VALUE;
        double writing = Double.MAX_VALUE;
        long guard = 0;
        while (System.nanoTime() < end) {
            long start = CLOCK.getCurrentThreadCpuTime();
            for (int i = 0; i < 100; i++)
                for (byte[] body : bodies) guard += read(version, body).getUserId().length();
            reading = Math.min(reading, (CLOCK.getCurrentThreadCpuTime() - start) / (100.0 * bodies.length));
            start = CLOCK.getCurrentThreadCpuTime();
            for (int i = 0; i < 100; i++)
                for (Billinginfo value : values) guard += write(version, value);
            writing = Math.min(writing, (CLOCK.getCurrentThreadCpuTime() - start) / (100.0 * bodies.length));
        }
        System.out.println((long) reading + " " + (long) writing + " " + (guard > 0));
    }
}
