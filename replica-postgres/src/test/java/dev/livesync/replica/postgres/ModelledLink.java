package dev.livesync.replica.postgres;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;

/** What one process has of a {@link ModelledServer}: its connections, and what happens to them at which operation. */
public final class ModelledLink {
    /** What an operation does. */
    public enum Kind {
        /** Asks for a connection. */
        CONNECT,
        /** Reads, or begins a transaction. */
        READ,
        /** Waits for a row and keeps it. */
        LOCK,
        /** Writes rows, of which nobody knows before the commit. */
        WRITE,
        /** Commits what was written. */
        COMMIT
    }

    /** What becomes of an operation. */
    public enum Fault {
        /** It is done. */
        NONE,
        /** The connection breaks before it is done. */
        CUT,
        /** The connection breaks when it is done; nobody hears of that. */
        CUT_AFTER,
        /** The connection breaks, and the server is still at it. */
        CUT_MEANWHILE,
        /** The process is killed before it is done. */
        CRASH
    }

    /** Decides on faults. */
    @FunctionalInterface
    public interface Faults {
        /**
         * Told of each operation before it is done; other processes may do something meanwhile.
         *
         * @param operation its number, from 0
         * @param kind what it is
         * @return what becomes of it
         */
        Fault at(int operation, Kind kind);
    }

    private final ModelledServer server;
    private final Set<ModelledConnection> connections = new LinkedHashSet<>();
    private Faults faults = (operation, kind) -> Fault.NONE;
    private int operations;
    private boolean stopped;

    ModelledLink(ModelledServer server) {
        this.server = server;
    }

    /**
     * From now on operations come to this.
     *
     * @param what decides
     */
    public void with(Faults what) {
        faults = what;
    }

    /**
     * How many operations there were.
     *
     * @return a count
     */
    public int operations() {
        return operations;
    }

    /** The process is gone, and with it its connections. */
    public void stop() {
        stopped = true;
        cut();
        server.closed(this);
    }

    /**
     * Whether the process is gone.
     *
     * @return true for ever once it is
     */
    public boolean hasStopped() {
        return stopped;
    }

    /** All connections break. */
    public void cut() {
        List.copyOf(connections).forEach(ModelledConnection::cut);
    }

    ModelledServer server() {
        return server;
    }

    /** Before an operation. */
    Fault next(Kind kind) throws SQLException {
        requireUp();
        int operation;
        synchronized (this) {
            operation = operations++;
        }
        Fault fault = faults.at(operation, kind);
        if (fault == Fault.CRASH) {
            stop();
        }
        requireUp();
        if (fault != Fault.NONE) {
            server.trouble();
        }
        return fault;
    }

    private void requireUp() throws SQLException {
        if (stopped) {
            throw new SQLException("the process is gone", "08006");
        }
        if (server.isDown()) {
            server.trouble();
            throw new SQLException("Connection refused", "08001");
        }
    }

    private Connection connect() throws SQLException {
        if (next(Kind.CONNECT) != Fault.NONE) {
            throw new SQLException("Connection refused", "08001");
        }
        ModelledConnection connection = new ModelledConnection(this);
        synchronized (connections) {
            connections.add(connection);
        }
        return connection.proxy();
    }

    void closed(ModelledConnection connection) {
        synchronized (connections) {
            connections.remove(connection);
        }
    }

    /** As a pool of connections. */
    DataSource source() {
        return (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getConnection")) {
                        return connect();
                    }
                    throw new UnsupportedOperationException(method.toString());
                });
    }
}
