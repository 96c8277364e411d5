package kit;

import com.alibaba.billing.model.Invoice;
import com.caucho.hessian.server.HessianSkeleton;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * An account system and order system in Java: Caucho's own skeleton behind the JDK's HTTP server. Prints its port, then
 * one line for each call that it got, in the form of Tokens.
 *
 * <p>Arguments: what it answers, call after call; the last one holds for all later calls. "throw" throws.
 */
public final class AccountSystem {
    /** What the billing center calls. */
    public interface Outside {
        String chargeAccount(Invoice invoice) throws IllegalAccessException;

        String controlService(String orderId, String action, String reason);
    }

    private static final class Recorder implements Outside {
        private final String[] answers;
        private int calls;

        Recorder(String[] answers) {
            this.answers = answers;
        }

        @Override
        public String chargeAccount(Invoice invoice) throws IllegalAccessException {
            print("chargeAccount\t" + Tokens.shown(invoice));
            return answer();
        }

        @Override
        public String controlService(String orderId, String action, String reason) {
            print("controlService\ts:" + Tokens.escaped(orderId) + "\ts:" + action + "\ts:" + Tokens.escaped(reason));
            return answer();
        }

        private synchronized String answer() {
            String answer = answers[Math.min(calls++, answers.length - 1)];
            if (answer.equals("throw")) {
                throw new IllegalStateException("the account system has a bad day");
            }
            return answer;
        }
    }

    public static void main(String[] answers) throws Exception {
        HessianSkeleton skeleton = new HessianSkeleton(new Recorder(answers), Outside.class);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> serve(skeleton, exchange));
        server.start();
        print(String.valueOf(server.getAddress().getPort()));
        // Whoever started it closes its standard input to end it.
        while (System.in.read() >= 0) {
            continue;
        }
        server.stop(0);
    }

    private static void serve(HessianSkeleton skeleton, HttpExchange exchange) throws IOException {
        ByteArrayOutputStream reply = new ByteArrayOutputStream();
        int status = 200;
        try {
            skeleton.invoke(exchange.getRequestBody(), reply);
        } catch (Exception unreadable) {
            print("unreadable\t" + unreadable);
            status = 500;
        }
        exchange.getResponseHeaders().set("Content-Type", "x-application/hessian");
        exchange.sendResponseHeaders(status, status == 200 ? reply.size() : -1);
        if (status == 200) {
            reply.writeTo(exchange.getResponseBody());
        }
        exchange.close();
    }

    private static synchronized void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
