package dev.livesync.core.monitor;

import dev.livesync.Session;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.transport.Message;
import dev.livesync.monitor.RefusedCaller;
import dev.livesync.monitor.SyncCounts;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The running counts behind {@link SyncCounts}. Any thread. */
public final class RunningCounts implements SyncListener {
    private static final int LATEST = 20;

    private final InstantSource clock;
    private final LongAdder opened = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder changesRefused = new LongAdder();
    private final LongAdder bytesSent = new LongAdder();
    private final LongAdder bytesReceived = new LongAdder();
    private final LongAdder messagesSent = new LongAdder();
    private final LongAdder messagesReceived = new LongAdder();
    private final LongAdder commits = new LongAdder();
    private final LongAdder eventsCommitted = new LongAdder();
    private final Map<ErrorKind, Long> failed = new EnumMap<>(ErrorKind.class);
    private final Map<ErrorKind, Long> refused = new EnumMap<>(ErrorKind.class);
    private final ArrayDeque<RefusedCaller> latest = new ArrayDeque<>();

    /**
     * Counts nothing yet.
     *
     * @param clock tells when somebody was refused
     */
    public RunningCounts(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * What is under way, which no listener is told.
     *
     * @param commitsRunning see {@link SyncCounts#commitsRunning}
     * @param commitsWaiting see {@link SyncCounts#commitsWaiting}
     * @param bytesArriving see {@link SyncCounts#bytesArriving}
     * @param bytesLeaving see {@link SyncCounts#bytesLeaving}
     */
    public record UnderWay(int commitsRunning, int commitsWaiting, long bytesArriving, long bytesLeaving) {}

    /**
     * The counts so far.
     *
     * @param transports ids
     * @param now what is under way
     * @return a copy
     */
    public SyncCounts snapshot(Collection<String> transports, UnderWay now) {
        synchronized (this) {
            return new CountsSnapshot(
                    Collections.unmodifiableSet(new TreeSet<>(transports)),
                    opened.sum(),
                    closed.sum(),
                    Map.copyOf(failed),
                    Map.copyOf(refused),
                    List.copyOf(latest),
                    changesRefused.sum(),
                    bytesSent.sum(),
                    bytesReceived.sum(),
                    messagesSent.sum(),
                    messagesReceived.sum(),
                    commits.sum(),
                    eventsCommitted.sum(),
                    now.commitsRunning,
                    now.commitsWaiting,
                    now.bytesArriving,
                    now.bytesLeaving);
        }
    }

    @Override
    public void sessionOpened(Session session) {
        opened.increment();
    }

    @Override
    public void sent(Session session, Message.Kind kind, int bytes) {
        messagesSent.increment();
        bytesSent.add(bytes);
    }

    @Override
    public void received(Session session, Message.Kind kind, int bytes) {
        messagesReceived.increment();
        bytesReceived.add(bytes);
    }

    @Override
    public void committed(Session session, CommitResult result) {
        commits.increment();
        eventsCommitted.add(result.accepted().size());
    }

    @Override
    public void changesRefused(Session session, SyncException refusal) {
        changesRefused.increment();
    }

    @Override
    public void sessionClosed(Session session, @Nullable SyncException failure) {
        if (failure == null) {
            closed.increment();
        } else {
            synchronized (this) {
                failed.merge(failure.kind(), 1L, Long::sum);
            }
        }
    }

    @Override
    public void refused(String remote, SyncException why) {
        RefusedCaller caller = new RefusedCaller(clock.instant(), remote, why.kind(), String.valueOf(why.getMessage()));
        synchronized (this) {
            refused.merge(why.kind(), 1L, Long::sum);
            if (latest.size() == LATEST) {
                latest.removeLast();
            }
            latest.addFirst(caller);
        }
    }
}
