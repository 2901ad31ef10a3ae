package example.jakarta;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** The application in an embedded Tomcat. */
public final class TomcatMain {
    private TomcatMain() {}

    public static void main(String[] arguments) throws Exception {
        NoteApplication application = NoteApplication.open(arguments);
        Path work = Files.createTempDirectory("tomcat");
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(work.toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(Integer.parseInt(arguments[1]));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", work.toString());
        context.addServletContainerInitializer(new WsSci(), null);
        application.servlets().forEach((pattern, servlet) -> {
            Tomcat.addServlet(context, pattern, servlet).setLoadOnStartup(1);
            context.addServletMappingDecoded(pattern, pattern);
        });
        tomcat.start();
        application.begin(tomcat.getConnector().getLocalPort(), () -> {
            tomcat.stop();
            tomcat.destroy();
        });
    }
}
