package example.jakarta;

import java.net.InetSocketAddress;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.ee10.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.NetworkConnector;
import org.eclipse.jetty.server.Server;

/** The same application in an embedded Jetty. */
public final class JettyMain {
    private JettyMain() {}

    public static void main(String[] arguments) throws Exception {
        NoteApplication application = NoteApplication.open(arguments);
        Server server = new Server(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])));
        ServletContextHandler context = new ServletContextHandler("/");
        application.servlets().forEach((pattern, servlet) -> {
            ServletHolder holder = new ServletHolder(servlet);
            holder.setInitOrder(1);
            context.addServlet(holder, pattern);
        });
        JakartaWebSocketServletContainerInitializer.configure(context, null);
        server.setHandler(context);
        server.start();
        application.begin(((NetworkConnector) server.getConnectors()[0]).getLocalPort(), server::stop);
    }
}
