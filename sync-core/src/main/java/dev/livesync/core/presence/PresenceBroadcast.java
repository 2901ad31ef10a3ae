package dev.livesync.core.presence;

import dev.livesync.api.Reason;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.api.replica.Broadcast;
import dev.livesync.api.replica.BroadcastListener;
import dev.livesync.api.replica.Subscription;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What processes that share a store tell each other of presence: one more session of the table, with all of them at once. A star: what came from there needs no passing on to there, so each says only what its own
 * peers and its own program show.
 *
 * <p><strong>One message at a time.</strong> The next one is made when the store has taken the last, of what is newest by then. So a store that is slow is sent less, and nothing queues up.
 *
 * <p><strong>Losses.</strong> All is stated again and again, and expires if it isn't. Sooner than that: what the store has not taken is said again; and who may have missed something asks the others, by
 * a message without updates, for all of theirs, removed values too. Nobody asks where nobody shows anything, so that presence costs nothing where it isn't used.
 *
 * <p><strong>Nobody to show it to.</strong> Where there is no session, no listener and no value of the program's own, what comes is dropped unread; who comes then has the others asked.
 */
final class PresenceBroadcast implements BroadcastListener {
    /** What a message is about, and in which form: its first byte. Others are of later builds, and ignored. */
    static final byte FORM = 1;

    /** Who has sent it: what comes back isn't read. */
    static final int SENDER_BYTES = 8;

    private static final System.Logger LOG = System.getLogger(PresenceBroadcast.class.getName());
    private static final int HEAD = 1 + SENDER_BYTES;
    private static final int MOST_WAITING = 64;
    private static final int MOST_LAST = 8;
    private static final long AFTER_FAILURE = 1_000_000_000L;
    private static final long MILLI = 1_000_000L;

    /**
     * Time and threads.
     *
     * @param nanos monotonic time
     * @param executor where everything is done
     * @param schedule runs a task later, which returns at once; the result cancels it
     */
    record Seams(LongSupplier nanos, Executor executor, BiFunction<Duration, Runnable, Runnable> schedule) {}

    /** What became of a message. */
    private record Outcome(boolean asked, @Nullable Throwable failure) {}

    private final Broadcast broadcast;
    private final PresenceTable table;
    private final PresenceLink link;
    private final Seams seams;
    private final Runnable onNews;
    private final BooleanSupplier isNeeded;
    private final byte[] sender;
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private final AtomicInteger wakes = new AtomicInteger();
    private @Nullable Subscription subscription;

    /** Whether something may have been missed. */
    private volatile boolean behind = true;

    /** Whether others may have asked, and weren't heard. */
    private volatile boolean wasDeaf;

    /** Until when somebody who was heard, and perhaps not read, may still show something. */
    private volatile long heardUntil;

    private volatile boolean closed;
    private boolean news;
    private boolean sending;
    private volatile @Nullable Outcome outcome;
    private long notBefore;
    private @Nullable Runnable stopTimer;
    private long timerAt;
    private boolean complained;

    /**
     * A part that neither hears nor says anything before {@link #begin}.
     *
     * @param onNews called after something came that is new here
     * @param isNeeded whether there is anybody to whom it could be shown
     * @param sender random, of {@link #SENDER_BYTES}
     */
    PresenceBroadcast(
            Broadcast broadcast,
            PresenceTable table,
            PresenceLimits limits,
            Seams seams,
            Runnable onNews,
            BooleanSupplier isNeeded,
            byte[] sender) {
        this.broadcast = broadcast;
        this.table = table;
        this.seams = seams;
        this.onNews = onNews;
        this.isNeeded = isNeeded;
        this.sender = sender.clone();
        long now = seams.nanos().getAsLong();
        notBefore = now;
        heardUntil = now;
        link = PresenceLink.shared(table, limits, () -> news = true, broadcast.maxMessageBytes() - HEAD, now);
    }

    /** Begins to listen. */
    synchronized void begin() {
        subscription = broadcast.subscribe(this);
    }

    // ---- what the store calls

    @Override
    public void received(byte[] message) {
        if (closed || message.length < HEAD || message[0] != FORM) {
            return;
        }
        if (Arrays.equals(message, 1, HEAD, sender, 0, SENDER_BYTES)) {
            return;
        }
        if (!isNeeded.getAsBoolean()) {
            hear();
            behind = true;
            return;
        }
        synchronized (waiting) {
            if (waiting.size() >= MOST_WAITING) {
                table.drop();
                return;
            }
            waiting.add(message);
        }
        wake();
    }

    private void hear() {
        heardUntil = seams.nanos().getAsLong() + PresenceTable.MEMORY;
    }

    @Override
    public void missed() {
        behind = true;
        wasDeaf = true;
        wake();
    }

    // ---- what the service calls

    /** Called when there may be something to say; any thread, returns at once. */
    void wake() {
        if (!closed && wakes.getAndIncrement() == 0) {
            seams.executor().execute(this::run);
        }
    }

    /** Called when there is somebody to show something to, who perhaps was not there before. */
    void needed() {
        if (behind) {
            wake();
        }
    }

    /** Says what is left to say, and ends. Idempotent. */
    void close() {
        Subscription ending;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            setTimer(PresenceLink.NEVER);
            long now = seams.nanos().getAsLong();
            byte[] message = link.last(now);
            for (int i = 0; i < MOST_LAST && message != null; i++) {
                var unused = send(message);
                message = link.last(now);
            }
            ending = subscription;
        }
        if (ending != null) {
            ending.close();
        }
    }

    // ---- one at a time

    private void run() {
        int seen = wakes.get();
        try {
            if (takeAndSay()) {
                onNews.run();
            }
        } finally {
            if (wakes.addAndGet(-seen) != 0) {
                seams.executor().execute(this::run);
            }
        }
    }

    private synchronized boolean takeAndSay() {
        if (closed) {
            return false;
        }
        news = false;
        take();
        say();
        return news;
    }

    private byte @Nullable [] poll() {
        synchronized (waiting) {
            return waiting.poll();
        }
    }

    private void take() {
        for (byte[] message = poll(); message != null; message = poll()) {
            byte[] updates = Arrays.copyOfRange(message, HEAD, message.length);
            try {
                if (PresenceMessage.isQuestion(updates)) {
                    hear();
                    link.repeat();
                } else {
                    link.received(updates, seams.nanos().getAsLong());
                }
            } catch (RuntimeException e) { // anybody who reaches the store may have sent it
                table.drop();
                LOG.log(
                        complained ? Level.DEBUG : Level.WARNING,
                        "a message of presence from the store, of {0} bytes, is dropped: {1}",
                        Integer.toString(message.length),
                        Reason.of(e));
                complained = true;
            }
        }
    }

    private void say() {
        if (sending && !isSent()) {
            return;
        }
        long now = seams.nanos().getAsLong();
        if (notBefore - now > 0) {
            setTimer(notBefore);
            return;
        }
        if (wasDeaf) { // where all have lost the store, who is back first asks those who don't listen yet
            wasDeaf = false;
            link.repeat();
        }
        boolean inUse = heardUntil - now > 0 || table.isInUse();
        boolean asks = behind && inUse && isNeeded.getAsBoolean();
        byte[] message = asks ? link.question(now) : link.next(Long.MAX_VALUE, now);
        if (message == null) {
            setTimer(link.due());
            return;
        }
        setTimer(PresenceLink.NEVER);
        if (asks) {
            behind = false;
        }
        sending = true;
        var unused = send(message).whenComplete((taken, failure) -> {
            outcome = new Outcome(asks, failure);
            wake();
        });
    }

    private boolean isSent() {
        Outcome sent = outcome;
        if (sent == null) {
            return false;
        }
        outcome = null;
        sending = false;
        if (sent.failure() != null) {
            if (sent.asked()) {
                behind = true;
            }
            link.lost();
            notBefore = seams.nanos().getAsLong() + AFTER_FAILURE;
            LOG.log(Level.DEBUG, "other processes were not told what is shown here: {0}", Reason.of(sent.failure()));
        }
        return true;
    }

    private CompletionStage<Void> send(byte[] updates) {
        try {
            return broadcast.send(withHead(updates));
        } catch (RuntimeException e) {
            return FailedFutures.of(e);
        }
    }

    private byte[] withHead(byte[] updates) {
        byte[] message = new byte[HEAD + updates.length];
        message[0] = FORM;
        System.arraycopy(sender, 0, message, 1, SENDER_BYTES);
        System.arraycopy(updates, 0, message, HEAD, updates.length);
        return message;
    }

    private void setTimer(long due) {
        Runnable stop = stopTimer;
        long now = seams.nanos().getAsLong();
        if (stop != null) {
            if (timerAt == due && due - now > 0) {
                return;
            }
            stopTimer = null;
            stop.run();
        }
        if (due != PresenceLink.NEVER) {
            timerAt = due;
            long delay = Math.max(0, due - now);
            stopTimer = seams.schedule().apply(Duration.ofMillis((delay + MILLI - 1) / MILLI), this::wake);
        }
    }
}
