package dev.livesync.simulation.world;

import dev.livesync.api.transport.TransportContext.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Executor;

/** Runs the tasks of all machines in one thread, one at a time in an order that a seed decides. Time moves when it is told to. */
final class Clockwork {
    private record Task(Life life, Runnable what) {}

    private record Timer(long at, long number, Life life, Runnable what) {}

    /** A process: what is left of its tasks and timers is forgotten when it is over. */
    final class Life {
        private boolean over;

        Executor executor() {
            return task -> {
                if (!over) {
                    tasks.add(new Task(this, task));
                }
            };
        }

        Scheduler scheduler() {
            return (delay, what) -> {
                Timer timer = new Timer(now + Math.max(0, delay.toNanos()), numbers++, this, what);
                if (!over) {
                    timers.add(timer);
                }
                return () -> timers.remove(timer);
            };
        }

        void end() {
            over = true;
        }
    }

    private Random random;
    private final List<Task> tasks = new ArrayList<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
    private Runnable afterEach = () -> {};
    private long now = 1_000_000_000L;
    private long numbers;
    private long steps;

    Clockwork(Random random) {
        this.random = random;
    }

    /** From here on another order: so that what happens does not depend on all that happened before. */
    void reseed(long seed) {
        random = new Random(seed);
    }

    /** Called after every task and every timer. */
    void afterEach(Runnable what) {
        afterEach = what;
    }

    long nanos() {
        return now;
    }

    /** How many tasks and timers have run. */
    long steps() {
        return steps;
    }

    Life life() {
        return new Life();
    }

    /** Runs one task; false if there is none. */
    boolean step() {
        while (!tasks.isEmpty()) {
            int chosen = random.nextInt(tasks.size());
            Task task = tasks.get(chosen);
            tasks.set(chosen, tasks.get(tasks.size() - 1));
            tasks.remove(tasks.size() - 1);
            if (!task.life.over) {
                run(task.what);
                return true;
            }
        }
        return false;
    }

    /** Runs tasks, at most so many; how many are left of these. */
    int steps(int most) {
        int left = most;
        while (left > 0 && step()) {
            left--;
        }
        return left;
    }

    /** Lets time pass, with all that falls due and all that comes of it. */
    void pass(Duration time) {
        long end = now + time.toNanos();
        settle();
        while (!timers.isEmpty() && timers.peek().at <= end) {
            Timer timer = timers.poll();
            now = Math.max(now, timer.at);
            if (!timer.life.over) {
                run(timer.what);
            }
            settle();
        }
        now = end;
    }

    private void settle() {
        for (int i = 0; step(); i++) {
            if (i > 2_000_000) {
                throw new AssertionError("it never settles");
            }
        }
    }

    private void run(Runnable what) {
        steps++;
        what.run();
        afterEach.run();
    }
}
