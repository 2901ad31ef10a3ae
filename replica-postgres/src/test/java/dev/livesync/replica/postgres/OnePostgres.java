package dev.livesync.replica.postgres;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Starts one server for all tests of a JVM, when the first asks, and stops it after the last. Tests keep apart by the names of their databases. */
public final class OnePostgres implements BeforeAllCallback {
    private static PostgresServer server;

    /** Ends it with the tests. */
    private record Running(PostgresServer server) implements AutoCloseable {
        @Override
        public void close() throws Exception {
            server.close();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        boolean there = PostgresServer.programs().isPresent();
        String otherwise = "NOT TESTED with PostgreSQL: needs postgresql";
        if (!there) {
            System.err.println(otherwise);
        }
        assumeTrue(there, otherwise);
        ExtensionContext.Store store = context.getRoot().getStore(ExtensionContext.Namespace.create(OnePostgres.class));
        Running running = store.computeIfAbsent(OnePostgres.class, key -> started(), Running.class);
        server = running.server;
    }

    private static Running started() {
        try {
            return new Running(PostgresServer.start());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The server.
     *
     * @return running
     */
    public static PostgresServer server() {
        return server;
    }
}
