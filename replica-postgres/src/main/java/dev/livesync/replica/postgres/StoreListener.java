package dev.livesync.replica.postgres;

import dev.livesync.api.Reason;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * The thread that finds out what other hubs have committed: it listens on a connection of its own, and looks at all databases every now and then whatever it has heard.
 * Where nobody can listen, and whenever the connection is gone, looking is enough.
 */
final class StoreListener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StoreListener.class.getName());

    private final Connections connections;
    private final int pollMillis;
    private final Consumer<@Nullable Collection<String>> look;
    private final Thread thread;
    private volatile boolean closed;
    private final LongSupplier nanoTime;
    private long lastOfAll;
    private @Nullable Connection listening;

    /**
     * Creates it; {@link #start} follows.
     *
     * @param look looks at some databases, or at all for null; may fail
     */
    StoreListener(
            Connections connections,
            Duration poll,
            LongSupplier nanoTime,
            Consumer<@Nullable Collection<String>> look) {
        this.connections = connections;
        this.nanoTime = nanoTime;
        this.lastOfAll = nanoTime.getAsLong();
        this.pollMillis = Math.toIntExact(poll.toMillis());
        this.look = look;
        this.thread = new Thread(this::run, "livesync-postgres-listen");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            try {
                Collection<String> heard = hear();
                long now = nanoTime.getAsLong();
                if (now - lastOfAll >= TimeUnit.MILLISECONDS.toNanos(pollMillis)) {
                    heard = null;
                }
                if (!closed) {
                    look.accept(heard);
                    lastOfAll = heard == null ? now : lastOfAll;
                }
            } catch (SQLException | RuntimeException e) {
                LOG.log(
                        closed ? Level.DEBUG : Level.INFO,
                        "following the databases failed, and goes on: {0}",
                        Reason.of(e));
                drop();
                pause();
            }
        }
        drop();
    }

    /** Waits until there is something to look at; null for everything. */
    private @Nullable Collection<String> hear() throws SQLException {
        PGConnection heard = connection();
        if (heard == null) {
            pause();
            return null;
        }
        PGNotification[] notifications = heard.getNotifications(pollMillis);
        if (notifications == null || notifications.length == 0) {
            return null;
        }
        Set<String> databases = new HashSet<>();
        for (PGNotification notification : notifications) {
            databases.add(notification.getParameter());
        }
        return databases;
    }

    private synchronized @Nullable PGConnection connection() throws SQLException {
        if (!connections.dialect().notifies() || closed) {
            return null;
        }
        if (listening == null) {
            Connection connection = connections.get();
            if (!connection.isWrapperFor(PGConnection.class)) {
                connection.close();
                return null;
            }
            listening = connection;
            try (Statement listen = connection.createStatement()) {
                listen.execute("listen " + Announcer.CHANNEL);
            }
        }
        return listening.unwrap(PGConnection.class);
    }

    private synchronized void pause() {
        try {
            if (!closed) {
                TimeUnit.MILLISECONDS.timedWait(this, pollMillis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    private synchronized void drop() {
        Connection connection = listening;
        listening = null;
        if (connection != null) {
            try (connection) {
                if (!connection.isClosed()) {
                    try (Statement unlisten = connection.createStatement()) {
                        unlisten.execute("unlisten *");
                    }
                }
            } catch (SQLException e) {
                LOG.log(Level.DEBUG, "a connection that listened could not be given back", e);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        synchronized (this) {
            notifyAll();
            if (listening != null) {
                try {
                    listening.abort(Runnable::run); // or it would go on waiting
                } catch (SQLException e) {
                    LOG.log(Level.DEBUG, "ending a connection that listens failed", e);
                }
            }
        }
    }

    /** Waits until the connection is given back. */
    void join() {
        if (Thread.currentThread() != thread) {
            try {
                thread.join(pollMillis + 1_000L);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
