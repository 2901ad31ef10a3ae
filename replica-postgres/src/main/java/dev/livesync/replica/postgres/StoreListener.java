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
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * The thread that finds out what other hubs have committed, and hears what they say: it listens on a connection of its own, and looks at all databases every now and then whatever it has heard.
 * Where nobody can listen, and whenever the connection is gone, looking is enough for what is committed. What is only said is lost then; so a connection on which nothing is heard is asked whether it is one.
 */
final class StoreListener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StoreListener.class.getName());

    /** How long a silence may be that nobody asks about. */
    private static final long SILENCE = TimeUnit.SECONDS.toNanos(10);

    /** How long the answer may take. */
    private static final int ANSWER_SECONDS = 2;

    private final Connections connections;
    private final int pollMillis;
    private final Hearing hearing;
    private final Thread thread;
    private volatile boolean closed;
    private final LongSupplier nanoTime;
    private long lastOfAll;
    private long lastSign;
    private volatile @Nullable Connection listening;

    /** Told what is heard, on the thread that listens. */
    interface Hearing {
        /** Some databases, or all for null, may have something new; may fail. */
        void look(@Nullable Collection<String> databases);

        /** A hub has said something. Fails for nothing, and does not block. */
        void received(String payload);

        /** From here on what hubs say is heard; nobody knows what was said before. As {@link #received}. */
        void missed();
    }

    /**
     * Creates it; {@link #start} follows.
     *
     * @param hearing told what is heard
     */
    StoreListener(Connections connections, Duration poll, LongSupplier nanoTime, Hearing hearing) {
        this.connections = connections;
        this.nanoTime = nanoTime;
        this.lastOfAll = nanoTime.getAsLong();
        this.pollMillis = Math.toIntExact(poll.toMillis());
        this.hearing = hearing;
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
                    hearing.look(heard);
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
        boolean before = listening != null;
        PGConnection heard = connection();
        if (heard == null) {
            pause();
            return null;
        }
        if (!before) {
            lastSign = nanoTime.getAsLong();
            hearing.missed();
        }
        int wait = (int) Math.min(pollMillis, TimeUnit.NANOSECONDS.toMillis(SILENCE));
        PGNotification[] notifications = heard.getNotifications(wait);
        if (notifications == null || notifications.length == 0) {
            requireAnswer();
            return wait == pollMillis ? null : Set.of();
        }
        lastSign = nanoTime.getAsLong();
        Set<String> databases = new HashSet<>();
        for (PGNotification notification : notifications) {
            if (notification.getName().equals(Announcer.MESSAGES)) {
                hearing.received(notification.getParameter());
            } else {
                databases.add(notification.getParameter());
            }
        }
        return databases;
    }

    /** A network may have gone silent under the connection, which no read ever finds out. */
    private void requireAnswer() throws SQLException {
        Connection connection = listening;
        long now = nanoTime.getAsLong();
        if (connection != null && now - lastSign >= SILENCE) {
            if (!connection.isValid(ANSWER_SECONDS)) {
                throw new SQLException("the connection that listens does not answer", "08006");
            }
            lastSign = now;
        }
    }

    private synchronized @Nullable PGConnection connection() throws SQLException {
        if (!connections.dialect().notifies() || closed) {
            return null;
        }
        Connection connection = listening;
        if (connection == null) {
            connection = connections.get();
            if (!connection.isWrapperFor(PGConnection.class)) {
                connection.close();
                return null;
            }
            listening = connection;
            try (Statement listen = connection.createStatement()) {
                listen.execute("listen " + Announcer.CHANNEL + "; listen " + Announcer.MESSAGES);
            }
        }
        return connection.unwrap(PGConnection.class);
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
            Connection connection = listening;
            if (connection != null) {
                try {
                    connection.abort(Runnable::run); // or it would go on waiting
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
