package dev.livesync.transport.memory;

import dev.livesync.api.transport.TransportContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/** Everything in the test's own thread: tasks wait until they are run, in an order that a seed decides; time stands still. */
final class ManualContext implements TransportContext {
    private record Timer(long at, long number, Runnable task) {}

    private final List<Runnable> tasks = new ArrayList<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
    private final SplittableRandom random;
    private final int inboundQueueBytes;
    private long now;
    private long numbers;

    ManualContext(long seed) {
        this(seed, 16 << 20);
    }

    ManualContext(long seed, int inboundQueueBytes) {
        this.random = new SplittableRandom(seed);
        this.inboundQueueBytes = inboundQueueBytes;
    }

    @Override
    public int inboundQueueBytes() {
        return inboundQueueBytes;
    }

    @Override
    public Executor executor() {
        return tasks::add;
    }

    @Override
    public Scheduler scheduler() {
        return (delay, task) -> {
            Timer timer = new Timer(now + delay.toNanos(), numbers++, task);
            timers.add(timer);
            return () -> timers.remove(timer);
        };
    }

    @Override
    public int maxMessageBytes() {
        return 1 << 20;
    }

    @Override
    public Duration connectTimeout() {
        return Duration.ofSeconds(5);
    }

    @Override
    public Duration closeTimeout() {
        return Duration.ofSeconds(2);
    }

    /** Runs tasks, one at a time in random order, until none is left. */
    void settle() {
        while (!tasks.isEmpty()) {
            tasks.remove(random.nextInt(tasks.size())).run();
        }
    }

    /** Lets time pass, and everything happen that it brings. */
    void pass(Duration time) {
        settle();
        long until = now + time.toNanos();
        while (!timers.isEmpty() && timers.peek().at() <= until) {
            Timer timer = timers.remove();
            now = timer.at();
            timer.task().run();
            settle();
        }
        now = until;
    }

    /** How many timers are set. */
    int timers() {
        return timers.size();
    }
}
