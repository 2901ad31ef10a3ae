package dev.livesync.replica.postgres;

import dev.livesync.api.Reason;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells other hubs which databases have something new: outside of the transactions, since NOTIFY takes a lock of the whole server when one commits, and at the {@linkplain NotifyPace
 * pace} that the server can bear. Nothing depends on it but how soon the others look.
 */
final class Announcer implements AutoCloseable {
    /** The channel of all hubs. */
    static final String CHANNEL = "livesync";

    private static final System.Logger LOG = System.getLogger(Announcer.class.getName());

    /** Writes nothing else: a transaction that does waits for its disk and its standbys, with that lock. */
    private static final String NOTIFY = "select pg_notify('" + CHANNEL + "', name) from unnest(?) as t(name)";

    private final Connections connections;
    private final LongSupplier nanoTime;
    private final Set<String> due = new LinkedHashSet<>();
    private final NotifyPace pace;
    private @Nullable Thread thread;
    private boolean closed;

    Announcer(Connections connections, Duration poll, LongSupplier nanoTime) {
        this.connections = connections;
        this.nanoTime = nanoTime;
        this.pace = new NotifyPace(poll);
    }

    synchronized void announce(String database) {
        if (!connections.dialect().notifies() || closed) {
            return;
        }
        due.add(database);
        if (thread == null) {
            thread = new Thread(this::run, "livesync-postgres-notify");
            thread.setDaemon(true);
            thread.start();
        }
        notifyAll();
    }

    private void run() {
        for (List<String> databases = next(); !databases.isEmpty(); databases = next()) {
            long begun = nanoTime.getAsLong();
            try (Connection connection = connections.get();
                    PreparedStatement notify = connection.prepareStatement(NOTIFY)) {
                notify.setArray(1, connection.createArrayOf("text", databases.toArray()));
                notify.execute();
            } catch (SQLException e) {
                LOG.log(Level.DEBUG, "other hubs were not told of something new: {0}", Reason.of(e));
            }
            answered(begun);
        }
    }

    private synchronized void answered(long begun) {
        long now = nanoTime.getAsLong();
        pace.answered(now, now - begun);
    }

    /** Waits for something to say, and for the time to say it; nothing at the end. */
    private synchronized List<String> next() {
        try {
            while (!closed) {
                long pause = pace.pause(nanoTime.getAsLong());
                if (due.isEmpty()) {
                    wait();
                } else if (pause > 0) {
                    TimeUnit.NANOSECONDS.timedWait(this, pause);
                } else {
                    List<String> databases = List.copyOf(due);
                    due.clear();
                    return databases;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return List.of();
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
