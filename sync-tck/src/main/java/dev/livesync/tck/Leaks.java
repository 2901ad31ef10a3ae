package dev.livesync.tck;

import dev.livesync.tck.internal.TestContext;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds threads that were not there before and errors that nobody caught, in the thread group of whoever made this and those
 * below: what other groups do is another run's.
 */
final class Leaks implements AutoCloseable {
    /** What the JDK starts by itself and keeps. */
    private static final Pattern JDK = Pattern.compile("ForkJoinPool\\.commonPool-.*|CompletableFutureDelayScheduler|"
            + "process reaper.*|Common-Cleaner|SeedGenerator.*|Attach Listener|Keep-Alive-.*|surefire-.*");

    private static final Map<ThreadGroup, List<Throwable>> WATCHED = new ConcurrentHashMap<>();

    static {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            List<Throwable> watching = watching(thread.getThreadGroup());
            if (watching != null) {
                watching.add(failure);
            } else if (before != null) {
                before.uncaughtException(thread, failure);
            } else {
                failure.printStackTrace();
            }
        });
    }

    private final ThreadGroup group = Thread.currentThread().getThreadGroup();
    private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    private final Predicate<Thread> shared;
    private final Set<Thread> before;

    /**
     * @param shared threads that may stay
     */
    Leaks(Predicate<Thread> shared) {
        this.shared = shared;
        this.before = threads();
        WATCHED.put(group, uncaught);
    }

    /** A daemon thread of the kit's. */
    static Thread own(Runnable task, String name) {
        Thread thread = new Thread(task, TestContext.THREADS + name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Calls something on a thread of its own, because it may take its time.
     *
     * @return its result, or whatever it threw
     */
    @SuppressWarnings("CatchingUnchecked") // whatever it throws is the caller's finding
    static <T> CompletableFuture<T> call(String name, Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        own(
                        () -> {
                            try {
                                result.complete(task.call());
                            } catch (Throwable e) {
                                result.completeExceptionally(e);
                            }
                        },
                        name)
                .start();
        return result;
    }

    private static @Nullable List<Throwable> watching(@Nullable ThreadGroup of) {
        for (ThreadGroup each = of; each != null; each = each.getParent()) {
            List<Throwable> watching = WATCHED.get(each);
            if (watching != null) {
                return watching;
            }
        }
        return null;
    }

    private Set<Thread> threads() {
        Thread[] all = new Thread[group.activeCount() * 2 + 64];
        int count = group.enumerate(all, true);
        Set<Thread> threads = new HashSet<>();
        for (int i = 0; i < count; i++) {
            threads.add(all[i]);
        }
        return threads;
    }

    /** Threads that are new; those that are about to end have some time for it. */
    List<String> newThreads(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            List<String> left = threads().stream()
                    .filter(thread -> !before.contains(thread) && thread.isAlive())
                    .filter(thread -> !thread.getName().startsWith(TestContext.THREADS)
                            && !JDK.matcher(thread.getName()).matches()
                            && !shared.test(thread))
                    .map(thread -> thread.getName() + (thread.isDaemon() ? "" : " (keeps the JVM alive)"))
                    .sorted()
                    .toList();
            if (left.isEmpty() || System.nanoTime() > deadline) {
                return left;
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** What threads ended with. */
    List<Throwable> uncaught() {
        return uncaught;
    }

    @Override
    public void close() {
        WATCHED.remove(group);
    }
}
