import com.caucho.hessian.io.AbstractHessianInput;
import com.caucho.hessian.io.AbstractHessianOutput;
import com.caucho.hessian.io.Hessian2Input;
import com.caucho.hessian.io.Hessian2Output;
import com.caucho.hessian.io.HessianInput;
import com.caucho.hessian.io.HessianOutput;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;

/** Caucho reads every value of a file and writes it again: version, file in, file out. */
public class Echo {
    static byte[] echo(boolean two, byte[] body) throws Exception {
        ByteArrayInputStream from = new ByteArrayInputStream(body);
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        AbstractHessianInput in = two ? new Hessian2Input(from) : new HessianInput(from);
        AbstractHessianOutput out = two ? new Hessian2Output(to) : new HessianOutput(to);
        out.writeObject(in.readObject());
        out.flush();
        return to.toByteArray();
    }

    public static void main(String[] args) throws Exception {
        try (DataInputStream in = new DataInputStream(new FileInputStream(args[1]));
                DataOutputStream out = new DataOutputStream(new FileOutputStream(args[2]))) {
            int count = in.readInt();
            out.writeInt(count);
            for (int i = 0; i < count; i++) {
                byte[] body = new byte[in.readInt()];
                in.readFully(body);
                byte[] again;
                try {
                    again = echo(args[0].equals("2"), body);
                } catch (Exception error) {
                    again = new byte[0];
                }
                out.writeInt(again.length);
                out.write(again);
            }
        }
    }
}
