package dev.livesync.simulation.world;

import dev.livesync.api.transport.TransportContext.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Runs the tasks of all machines in one thread, one at a time in an order that a seed decides. Time moves when it is told to. */
final class Clockwork {
    /** More tasks than that without time passing, and something goes round in circles. */
    private static final int FOREVER = 300_000;

    private static final class Task {
        private final Life life;
        private final Runnable what;

        Task(Life life, Runnable what) {
            this.life = life;
            this.what = what;
        }
    }

    private static final class Timer {
        private final long at;
        private final long number;
        private final Life life;
        private final Runnable what;
        private boolean gone;

        Timer(long at, long number, Life life, Runnable what) {
            this.at = at;
            this.number = number;
            this.life = life;
            this.what = what;
        }

        long at() {
            return at;
        }

        long number() {
            return number;
        }

        /** It will run now, or never. */
        void leave() {
            if (!gone) {
                gone = true;
                life.timers--;
            }
        }
    }

    /** A process: what is left of its tasks and timers is forgotten when it is over. */
    final class Life {
        private boolean over;
        private int timers;

        /** How many moments it waits for. */
        int timers() {
            return timers;
        }

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
                if (over) {
                    return () -> {};
                }
                Clockwork.this.timers.add(timer);
                timers++;
                return timer::leave;
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
    private Supplier<String> described = () -> "";
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

    /** A number from 0, as the seed decides. */
    int draw(int bound) {
        return random.nextInt(bound);
    }

    /** Runs tasks of those that don't stand still, in the middle of a task of one that does; at most so many. */
    void meanwhile(Collection<Life> standing, int most) {
        for (int left = most; left > 0; left--) {
            List<Task> others = tasks.stream()
                    .filter(task -> !task.life.over && !standing.contains(task.life))
                    .toList();
            if (others.isEmpty()) {
                return;
            }
            Task task = others.get(random.nextInt(others.size()));
            tasks.remove(task);
            run(task.what);
        }
    }

    /** Says, for people, how things are. */
    void describedBy(Supplier<String> how) {
        described = how;
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
        // Timers that were taken back, or whose process is over, are passed by.
        while (!timers.isEmpty() && timers.peek().at <= end) {
            Timer timer = timers.poll();
            if (timer.gone || timer.life.over) {
                continue;
            }
            timer.leave();
            now = Math.max(now, timer.at);
            run(timer.what);
            settle();
        }
        now = end;
    }

    /** Whether nothing happens before time passes. */
    boolean isQuiet() {
        return tasks.stream().allMatch(task -> task.life.over);
    }

    private void settle() {
        for (int i = 0; step(); i++) {
            if (i > FOREVER) {
                throw new AssertionError("it never settles" + described.get());
            }
        }
    }

    private void run(Runnable what) {
        steps++;
        what.run();
        afterEach.run();
    }
}
