package dev.livesync.cli;

import dev.livesync.api.transport.TransportContext.Cancellable;
import dev.livesync.api.transport.TransportContext.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A time that passes when it is told to, with the timers that wait for it. They run on the thread that lets it pass. Any thread. */
final class DayClock implements Scheduler, InstantSource {
    private static final Instant MIDNIGHT = Instant.parse("2026-03-01T00:00:00Z");

    private record Timer(long at, long number, Runnable task) {}

    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
    private long now;
    private long numbers;

    @Override
    public synchronized Cancellable schedule(Duration delay, Runnable task) {
        Timer timer = new Timer(now + Math.max(0, delay.toNanos()), numbers++, task);
        timers.add(timer);
        return () -> {
            synchronized (this) {
                timers.remove(timer);
            }
        };
    }

    synchronized long nanos() {
        return now;
    }

    @Override
    public Instant instant() {
        return MIDNIGHT.plusNanos(nanos());
    }

    /** How many timers wait. */
    synchronized int waiting() {
        return timers.size();
    }

    /** The time at which the next timer is due; never if there is none. */
    synchronized long next() {
        Timer first = timers.peek();
        return first == null ? Long.MAX_VALUE : first.at;
    }

    /**
     * Lets time pass.
     *
     * @return how many timers have run
     */
    int passUntil(long time) {
        for (int ran = 0; ; ran++) {
            Timer due;
            synchronized (this) {
                due = timers.peek();
                if (due == null || due.at > time) {
                    now = Math.max(now, time);
                    return ran;
                }
                timers.remove();
                now = Math.max(now, due.at);
            }
            due.task.run();
        }
    }
}
