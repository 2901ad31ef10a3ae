package dev.livesync.transport.servlet;

import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** Tomcat. */
final class TomcatContainer extends Container {
    private static final Pattern THREADS =
            Pattern.compile("http-nio-.*|Catalina-.*|WebSocketServer-.*|WebSocket background processing.*");

    private final Tomcat tomcat = new Tomcat();

    TomcatContainer(Path directory, Duration patience) throws LifecycleException {
        tomcat.setBaseDir(directory.toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setProperty("connectionTimeout", Long.toString(patience.toMillis()));
        Context context = tomcat.addContext("", directory.toString());
        context.addServletContainerInitializer(new WsSci(), null);
        Tomcat.addServlet(context, "hubs", servlet()).setLoadOnStartup(1);
        context.addServletMappingDecoded("/*", "hubs");
        tomcat.start();
    }

    @Override
    int port() {
        return tomcat.getConnector().getLocalPort();
    }

    @Override
    boolean owns(Thread thread) {
        return THREADS.matcher(thread.getName()).matches();
    }

    @Override
    public void close() throws LifecycleException {
        tomcat.stop();
        tomcat.destroy();
    }
}
