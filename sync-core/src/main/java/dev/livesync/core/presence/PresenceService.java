package dev.livesync.core.presence;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Broadcast;
import dev.livesync.api.replica.Subscription;
import dev.livesync.presence.Presence;
import dev.livesync.presence.PresenceEntry;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the peers of one {@code Sync} show each other: wakes sessions and listeners, and keeps the time. Any thread. */
public final class PresenceService implements Presence {
    private static final System.Logger LOG = System.getLogger(PresenceService.class.getName());
    private static final long MILLI = 1_000_000L;

    /** Of a text around a message. */
    private static final int AROUND = 32;

    private final LongSupplier nanos;
    private final Executor executor;
    private final BiFunction<Duration, Runnable, Runnable> schedule;
    private final PresenceLimits limits = PresenceLimits.DEFAULT;
    private final PresenceTable table;
    private final Map<PresenceLink, Runnable> links = new LinkedHashMap<>();
    private final List<PresenceWatcher> watchers = new ArrayList<>();
    private final Supplier<String> ids;
    private volatile @Nullable PresenceBroadcast broadcast;
    private volatile boolean asked;
    private @Nullable Runnable stopTimer;
    private long timerAt;
    private boolean ended;

    /**
     * A service that shows nothing, and has no timer as long as nothing is shown.
     *
     * @param nanos monotonic time in nanoseconds
     * @param executor where listeners are called
     * @param schedule runs a task later, which returns at once; the result cancels it
     * @param ids random ids of 128 bits, base64url
     */
    public PresenceService(
            LongSupplier nanos,
            Executor executor,
            BiFunction<Duration, Runnable, Runnable> schedule,
            Supplier<String> ids) {
        this.nanos = nanos;
        this.executor = executor;
        this.schedule = schedule;
        this.ids = ids;
        table = new PresenceTable(limits, ids);
    }

    /**
     * Shares what is shown with the other processes that have the same store. Before there are sessions, and once.
     *
     * @param others reaches them
     */
    public void over(Broadcast others) {
        byte[] sender = Arrays.copyOf(Base64.getUrlDecoder().decode(ids.get()), PresenceBroadcast.SENDER_BYTES);
        PresenceBroadcast.Seams seams = new PresenceBroadcast.Seams(nanos, executor, schedule);
        PresenceBroadcast made =
                new PresenceBroadcast(others, table, limits, seams, this::changed, this::isNeeded, sender);
        broadcast = made;
        made.begin();
    }

    // ---- what users call

    @Override
    public String id() {
        return table.id();
    }

    @Override
    public void set(String key, Object value) {
        set(key, value, Long.MAX_VALUE);
    }

    @Override
    public void set(String key, Object value, Duration lifetime) {
        if (lifetime.isNegative() || lifetime.isZero()) {
            throw invalid("the lifetime of a value of presence is " + lifetime);
        }
        boolean endless = lifetime.compareTo(Duration.ofDays(36_500)) > 0;
        set(key, value, endless ? Long.MAX_VALUE : lifetime.toNanos());
    }

    private void set(String key, Object value, long lifetime) {
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > limits.keyBytes()) {
            throw invalid("a key of presence has " + bytes + " bytes; it may have 1 to " + limits.keyBytes());
        }
        Value copy = PlainValues.of(Objects.requireNonNull(value, "value"));
        int size = PresenceMessage.size(new Value.Sequence(List.of(new Value.Text(key), copy)))
                - PresenceMessage.size(new Value.Sequence(List.of(new Value.Text(key))));
        if (size > limits.valueBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "the value of presence " + key + " has " + size + " bytes; it may have " + limits.valueBytes());
        }
        table.set(key, copy, lifetime, nanos.getAsLong());
        changed();
    }

    private static SyncException invalid(String what) {
        return new SyncException(ErrorKind.INVALID_ARGUMENT, what);
    }

    @Override
    public void remove(String key) {
        if (table.remove(Objects.requireNonNull(key, "key"), nanos.getAsLong())) {
            changed();
        }
    }

    @Override
    public List<PresenceEntry> entries() {
        asked = true;
        needed();
        return table.entries();
    }

    @Override
    public Subscription subscribe(Consumer<? super List<PresenceEntry>> listener) {
        PresenceWatcher watcher = new PresenceWatcher(Objects.requireNonNull(listener, "listener"));
        synchronized (this) {
            if (ended) {
                return () -> {};
            }
            watchers.add(watcher);
        }
        watcher.wake();
        needed();
        return watcher;
    }

    @Override
    public long dropped() {
        return table.dropped();
    }

    // ---- what sessions call

    /**
     * The part of a session that begins.
     *
     * @param longest the longest message that it carries, in bytes; a text takes a third more than what is in it
     * @param wake called when there may be something to send; any thread, returns at once
     * @return to be given back to {@link #close}
     */
    public PresenceLink open(int longest, Runnable wake) {
        int content = (longest - AROUND) / 4 * 3;
        PresenceLink link = new PresenceLink(table, limits, this::changed, content, nanos.getAsLong());
        synchronized (this) {
            links.put(link, wake);
        }
        needed();
        return link;
    }

    /**
     * Ends the part of a session that has ended.
     *
     * @param link the session's
     */
    public void close(PresenceLink link) {
        synchronized (this) {
            links.remove(link);
        }
        link.close(nanos.getAsLong());
    }

    /** Shows nothing any more, which the sessions and the store still tell, and keeps no time. Idempotent. */
    public void end() {
        table.leave(nanos.getAsLong());
        PresenceBroadcast shared = broadcast;
        if (shared != null) {
            shared.wake();
        }
        Runnable stop;
        synchronized (this) {
            ended = true;
            watchers.clear();
            stop = stopTimer;
            stopTimer = null;
        }
        if (stop != null) {
            stop.run();
        }
    }

    /** Tells the other processes that have the same store what is left to tell, the end of sessions among it. After {@link #end} and the sessions; idempotent. */
    public void close() {
        PresenceBroadcast shared = broadcast;
        if (shared != null) {
            shared.close();
        }
    }

    // ---- what happens

    /** Whether there is anybody here who sees what others show, or something that others see. */
    private boolean isNeeded() {
        synchronized (this) {
            if (asked || !links.isEmpty() || !watchers.isEmpty()) {
                return true;
            }
        }
        return table.showsOwn();
    }

    private void needed() {
        PresenceBroadcast shared = broadcast;
        if (shared != null) {
            shared.needed();
        }
    }

    private void changed() {
        List<Runnable> woken;
        synchronized (this) {
            woken = new ArrayList<>(links.values());
            watchers.forEach(watcher -> woken.add(watcher::wake));
        }
        PresenceBroadcast shared = broadcast;
        if (shared != null) {
            woken.add(shared::wake);
        }
        woken.forEach(Runnable::run);
        setTimer();
    }

    /** One that fires too early costs only a look. */
    private synchronized void setTimer() {
        Long due = table.nextDue();
        if (ended || due == null || stopTimer != null && due - timerAt >= 0) {
            return;
        }
        if (stopTimer != null) {
            stopTimer.run();
        }
        timerAt = due;
        long delay = Math.max(0, due - nanos.getAsLong());
        stopTimer = schedule.apply(Duration.ofMillis((delay + MILLI - 1) / MILLI), () -> executor.execute(this::tick));
    }

    private void tick() {
        synchronized (this) {
            if (ended) {
                return;
            }
            stopTimer = null;
        }
        if (table.tick(nanos.getAsLong())) {
            changed();
        } else {
            setTimer();
        }
    }

    /** Calls one listener, one call at a time. */
    private final class PresenceWatcher implements Subscription {
        private final Consumer<? super List<PresenceEntry>> listener;
        private final AtomicInteger news = new AtomicInteger();
        private @Nullable List<PresenceEntry> told;
        private volatile boolean closed;

        PresenceWatcher(Consumer<? super List<PresenceEntry>> listener) {
            this.listener = listener;
        }

        void wake() {
            if (news.getAndIncrement() == 0) {
                executor.execute(this::tell);
            }
        }

        private void tell() {
            int seen = news.get();
            List<PresenceEntry> now = table.entries();
            if (!closed && !now.equals(told)) {
                told = now;
                try {
                    listener.accept(now);
                } catch (RuntimeException | Error e) {
                    LOG.log(Level.WARNING, "a listener of presence threw", e);
                }
            }
            if (news.addAndGet(-seen) != 0) {
                executor.execute(this::tell);
            }
        }

        @Override
        public void close() {
            closed = true;
            synchronized (PresenceService.this) {
                watchers.remove(this);
            }
        }
    }
}
