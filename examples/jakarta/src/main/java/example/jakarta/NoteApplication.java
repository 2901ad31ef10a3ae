package example.jakarta;

import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.grant.Grants;
import dev.livesync.transport.servlet.ServletConfiguration;
import dev.livesync.transport.servlet.ServletTransportProvider;
import jakarta.servlet.http.HttpServlet;
import java.nio.file.Path;
import java.util.Map;

/** Notes over HTTP, which other LiveSync programs keep in step with over WebSocket, on the same port. Knows no container. */
final class NoteApplication implements AutoCloseable {
    private static final String HUB = "/livesync";

    private final Database database;
    private final Grants grants;
    private final ServletTransportProvider hub = new ServletTransportProvider(ServletConfiguration.at(HUB));
    private final Sync sync;

    private NoteApplication(Path directory) {
        database = Database.open(directory);
        grants = Grants.inDirectory(directory);
        sync = Sync.builder(database).transport(hub).build();
    }

    /**
     * Opens the database.
     *
     * @param arguments the directory and the port of the application
     */
    static NoteApplication open(String[] arguments) {
        if (arguments.length != 2) {
            System.err.println("give a directory and a port");
            System.exit(2);
        }
        return new NoteApplication(Path.of(arguments[0]));
    }

    /** What a container has to serve: patterns of paths, and their servlets. */
    Map<String, HttpServlet> servlets() {
        return Map.of(
                HUB, hub.servlet(), "/notes/*", new NoteServlet(database), "/health", new HealthServlet(database, sync));
    }

    /** Lets peers in, once the container serves: those with a grant, and those that know the secret if the environment has one. */
    void begin(int port, AutoCloseable container) {
        String secret = System.getenv("HUB_SECRET");
        sync.listen(secret == null ? hub.localAddress() : hub.localAddress() + "#" + secret, grants)
                .join();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(container), "shutdown"));
        System.out.println("http://127.0.0.1:" + port + "/notes/");
    }

    /** In this order: peers are told and get what was written last, nobody is served any more, the database is closed. */
    private void end(AutoCloseable container) {
        try (this) {
            sync.close();
            container.close();
        } catch (Exception e) {
            e.printStackTrace();
        }
    }

    @Override
    public void close() {
        sync.close();
        database.close();
    }
}
