package dev.livesync.transport.servlet;

import java.time.Duration;
import java.util.regex.Pattern;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.ee10.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** Jetty. */
final class JettyContainer extends Container {
    private static final Pattern THREADS = Pattern.compile("qtp.*|Connector-Scheduler.*|Scheduler-.*|Session-.*");

    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server, 1, 1);

    JettyContainer(Duration patience) throws Exception {
        connector.setHost("127.0.0.1");
        connector.setIdleTimeout(patience.toMillis());
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        ServletHolder holder = new ServletHolder(servlet());
        holder.setInitOrder(1);
        context.addServlet(holder, "/*");
        JakartaWebSocketServletContainerInitializer.configure(context, null);
        server.setHandler(context);
        server.start();
    }

    @Override
    int port() {
        return connector.getLocalPort();
    }

    @Override
    boolean owns(Thread thread) {
        return THREADS.matcher(thread.getName()).matches();
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
