import com.caucho.hessian.server.HessianServlet;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;

/** Caucho's servlet on Jetty. */
public final class JettyDoor {
    public static void main(String[] arguments) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        HessianServlet servlet = new HessianServlet();
        servlet.setHomeAPI(BillingService.class);
        servlet.setHome(new BillingService.InMemory());
        ServletContextHandler handler = new ServletContextHandler();
        handler.addServlet(new ServletHolder(servlet), "/hessian/*");
        server.setHandler(handler);
        server.start();
        System.out.println("port " + connector.getLocalPort());
    }
}
