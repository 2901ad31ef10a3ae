package dev.livesync.replica.postgres;

import dev.livesync.api.replica.Subscription;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Calls those who wait for changes, on a thread that all databases of a store share, or where somebody says. Calls that are due already are merged. */
final class WakeUps implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(WakeUps.class.getName());

    private final Set<WakeUpTarget> due = new LinkedHashSet<>();
    private final @Nullable Executor elsewhere;
    private @Nullable Thread thread;
    private boolean closed;

    /** Calls on a thread of its own, which begins when it is needed. */
    WakeUps() {
        this.elsewhere = null;
    }

    /** Calls in tasks, one for each call. */
    WakeUps(Executor elsewhere) {
        this.elsewhere = elsewhere;
    }

    /** Those who wait for one database. */
    final class WakeUpList {
        private final List<WakeUpTarget> all = new CopyOnWriteArrayList<>();

        Subscription add(Runnable target) {
            WakeUpTarget waiting = new WakeUpTarget(target);
            all.add(waiting);
            return () -> {
                all.remove(waiting);
                waiting.end();
            };
        }

        void wake() {
            if (!all.isEmpty()) {
                WakeUps.this.wake(all);
            }
        }

        void clear() {
            all.forEach(WakeUpTarget::end);
            all.clear();
        }
    }

    /** Somebody to be called, under a lock that his end takes, too: he does not block, so neither waits long. */
    private static final class WakeUpTarget {
        private final Runnable target;
        private boolean ended;

        WakeUpTarget(Runnable target) {
            this.target = target;
        }

        synchronized void call() {
            if (!ended) {
                try {
                    target.run();
                } catch (RuntimeException | Error e) {
                    LOG.log(Level.WARNING, "a listener for changes failed", e);
                }
            }
        }

        synchronized void end() {
            ended = true;
        }
    }

    private synchronized void wake(List<WakeUpTarget> all) {
        if (elsewhere != null) {
            all.stream().filter(due::add).forEach(target -> elsewhere.execute(() -> callOne(target)));
            return;
        }
        due.addAll(all);
        if (thread == null && !closed) {
            thread = new Thread(this::run, "livesync-postgres-wake");
            thread.setDaemon(true);
            thread.start();
        }
        notifyAll();
    }

    private void callOne(WakeUpTarget target) {
        synchronized (this) {
            if (!due.remove(target) || closed) {
                return;
            }
        }
        target.call();
    }

    private void run() {
        for (WakeUpTarget next = next(); next != null; next = next()) {
            next.call();
        }
    }

    private synchronized @Nullable WakeUpTarget next() {
        while (due.isEmpty() && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                LOG.log(Level.DEBUG, "only closing ends this thread, a listener that interrupts it does not", e);
            }
        }
        if (closed) {
            return null;
        }
        WakeUpTarget first = due.iterator().next();
        due.remove(first);
        return first;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
