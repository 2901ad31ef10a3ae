package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.FailedFutures;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells other hubs which databases have something new, and sends them messages: outside of the transactions, since NOTIFY takes a lock of the whole server when one commits, and at the {@linkplain NotifyPace
 * pace} that the server can bear, both kinds together. News go first. Nothing depends on it but how soon the others look, and what is worth nothing a moment later.
 */
final class Announcer implements AutoCloseable {
    /** The channel of all hubs. */
    static final String CHANNEL = "livesync";

    /** The channel of what they tell each other. */
    static final String MESSAGES = "livesync_broadcast";

    /** Messages go together, and so often at most: twenty times a second. */
    static final long SPACING = TimeUnit.MILLISECONDS.toNanos(50);

    private static final System.Logger LOG = System.getLogger(Announcer.class.getName());

    /** Writes nothing else: a transaction that does waits for its disk and its standbys, with that lock. */
    private static final String NOTIFY = "select pg_notify(?, payload) from unnest(?) as t(payload)";

    /** How long {@link #join} waits for what is said at the end. */
    private static final Duration LAST = Duration.ofSeconds(1);

    private final Connections connections;
    private final LongSupplier nanoTime;
    private final Set<String> due = new LinkedHashSet<>();
    private final MessageTurns messages = new MessageTurns();
    private final NotifyPace pace;
    private @Nullable Thread thread;
    private boolean closed;

    /** When messages may go; and since when, if they may. News go first, but not for ever. */
    private long messagesAt;

    /** What goes in one transaction. */
    private record NotifyBatch(String channel, List<String> payloads, List<MessageTurns.WaitingMessage> told) {}

    Announcer(Connections connections, Duration poll, LongSupplier nanoTime) {
        this.connections = connections;
        this.nanoTime = nanoTime;
        this.pace = new NotifyPace(poll);
        this.messagesAt = nanoTime.getAsLong();
    }

    synchronized void announce(String database) {
        if (!connections.dialect().notifies() || closed) {
            return;
        }
        due.add(database);
        begin();
    }

    /** Sends a message of a database in its turn; completes when the server has it. */
    synchronized CompletionStage<Void> send(String database, String payload) {
        if (closed) {
            return FailedFutures.of(new SyncException(ErrorKind.CLOSED, "the store is closed"));
        }
        long now = nanoTime.getAsLong();
        if (messages.isEmpty() && messagesAt - now < 0) {
            messagesAt = now;
        }
        CompletionStage<Void> sent = messages.add(database, payload);
        begin();
        return sent;
    }

    private void begin() {
        if (thread == null) {
            thread = new Thread(this::run, "livesync-postgres-notify");
            thread.setDaemon(true);
            thread.start();
        }
        notifyAll();
    }

    private void run() {
        for (NotifyBatch batch = next(); batch != null; batch = next()) {
            long begun = nanoTime.getAsLong();
            SyncException failure = tell(batch);
            answered(begun);
            for (MessageTurns.WaitingMessage waiting : batch.told()) {
                if (failure == null) {
                    waiting.sent().complete(null);
                } else {
                    waiting.sent().completeExceptionally(failure);
                }
            }
        }
    }

    private @Nullable SyncException tell(NotifyBatch batch) {
        try (Connection connection = connections.get();
                PreparedStatement notify = connection.prepareStatement(NOTIFY)) {
            notify.setString(1, batch.channel());
            notify.setArray(2, connection.createArrayOf("text", batch.payloads().toArray()));
            notify.execute();
            return null;
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "other hubs were not told of something: {0}", Reason.of(e));
            return SqlFailures.of("cannot tell other hubs", e);
        }
    }

    private synchronized void answered(long begun) {
        long now = nanoTime.getAsLong();
        pace.answered(now, now - begun);
    }

    /** Waits for something to say, and for the time to say it; null at the end. */
    private synchronized @Nullable NotifyBatch next() {
        try {
            while (!closed) {
                long now = nanoTime.getAsLong();
                long pause = pace.pause(now);
                long pauseOfMessages = Math.max(pause, messagesAt - now);
                if (due.isEmpty() && messages.isEmpty()) {
                    wait();
                } else if (pause > 0) {
                    TimeUnit.NANOSECONDS.timedWait(this, pause);
                } else if (!due.isEmpty() && (messages.isEmpty() || now - messagesAt < SPACING)) {
                    return news();
                } else if (pauseOfMessages > 0) {
                    TimeUnit.NANOSECONDS.timedWait(this, pauseOfMessages);
                } else {
                    messagesAt = now + SPACING;
                    return messages();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
        return last();
    }

    private NotifyBatch news() {
        List<String> databases = List.copyOf(due);
        due.clear();
        return new NotifyBatch(CHANNEL, databases, List.of());
    }

    private NotifyBatch messages() {
        List<MessageTurns.WaitingMessage> next = messages.next();
        return new NotifyBatch(
                MESSAGES,
                next.stream().map(MessageTurns.WaitingMessage::payload).toList(),
                next);
    }

    /** At the end all that is due goes without a pause. */
    private @Nullable NotifyBatch last() {
        return !due.isEmpty() ? news() : !messages.isEmpty() ? messages() : null;
    }

    /** Takes nothing more. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Waits until what was due is said, but not for a server that does not answer. */
    void join() {
        Thread running;
        synchronized (this) {
            running = thread;
        }
        if (running != null && running != Thread.currentThread()) {
            try {
                running.join(LAST.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
