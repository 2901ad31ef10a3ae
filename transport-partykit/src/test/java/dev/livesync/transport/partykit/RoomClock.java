package dev.livesync.transport.partykit;

import dev.livesync.api.transport.TransportContext;
import dev.livesync.tck.internal.TestContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;

/** What the core would lend, but that time stands still until it is told to pass. Any thread. */
final class RoomClock implements TransportContext, AutoCloseable {
    static final Duration CONNECT = Duration.ofSeconds(20);
    static final Duration CLOSE = Duration.ofSeconds(10);

    private record Timer(Duration at, Runnable task) {}

    private final TestContext rest = new TestContext(1 << 20, CONNECT, CLOSE);
    private final List<Timer> timers = new ArrayList<>();
    private Duration now = Duration.ZERO;

    /** Lets time pass, and runs what is due by then, the earliest first. */
    void pass(Duration time) {
        List<Timer> due;
        synchronized (this) {
            now = now.plus(time);
            due = timers.stream()
                    .filter(timer -> timer.at().compareTo(now) <= 0)
                    .sorted(Comparator.comparing(Timer::at))
                    .toList();
            timers.removeAll(due);
        }
        due.forEach(timer -> timer.task().run());
    }

    /** How long it is until each timer that is set, the shortest first. */
    synchronized List<Duration> timers() {
        return timers.stream().map(timer -> timer.at().minus(now)).sorted().toList();
    }

    @Override
    public Scheduler scheduler() {
        return (delay, task) -> {
            synchronized (this) {
                Timer timer = new Timer(now.plus(delay), task);
                timers.add(timer);
                return () -> cancel(timer);
            }
        };
    }

    private synchronized void cancel(Timer timer) {
        timers.remove(timer);
    }

    @Override
    public Executor executor() {
        return rest.executor();
    }

    @Override
    public int maxMessageBytes() {
        return rest.maxMessageBytes();
    }

    @Override
    public int inboundQueueBytes() {
        return rest.inboundQueueBytes();
    }

    @Override
    public Duration connectTimeout() {
        return CONNECT;
    }

    @Override
    public Duration closeTimeout() {
        return CLOSE;
    }

    /** What tasks of the transport threw. */
    List<Throwable> escaped() {
        return rest.escaped();
    }

    @Override
    public void close() {
        rest.close();
    }
}
