import com.caucho.hessian.server.HessianSkeleton;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** Caucho's skeleton behind the HTTP server of the JDK, which has as many threads as there may be connections. */
public final class JdkDoor {
    public static void main(String[] arguments) throws Exception {
        HessianSkeleton skeleton = new HessianSkeleton(new BillingService.InMemory(), BillingService.class);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 1024);
        server.createContext("/hessian", exchange -> {
            ByteArrayOutputStream answer = new ByteArrayOutputStream(128);
            try (InputStream body = exchange.getRequestBody()) {
                skeleton.invoke(body, answer);
            } catch (Exception error) {
                throw new java.io.IOException(error);
            }
            exchange.getResponseHeaders().set("Content-Type", "x-application/hessian");
            exchange.sendResponseHeaders(200, answer.size());
            answer.writeTo(exchange.getResponseBody());
            exchange.close();
        });
        server.setExecutor(Executors.newFixedThreadPool(Integer.getInteger("threads", 16)));
        server.start();
        System.out.println("port " + server.getAddress().getPort());
    }
}
