package dev.livesync.database.replica;

import dev.livesync.api.replica.Subscription;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls listeners on one thread of the database's, which starts with the first of them. What a slow listener has not heard is merged,
 * so that it never takes more than the ids of all documents. Wake-ups, which only say that there is something, come on the thread that
 * made it durable where that offers to ({@link #whilePublishing}), else on the same one.
 */
final class Notifier {
    private static final System.Logger LOG = System.getLogger(Notifier.class.getName());

    /** Commits that are kept apart for a listener who is behind. */
    private static final int SEPARATE = 64;

    private static final long PATIENCE_SECONDS = 5;

    private final String name;
    private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
    private final ThreadLocal<Boolean> wakesItself = ThreadLocal.withInitial(() -> false);
    private @Nullable Thread thread;
    private boolean closed;
    /** Who was there when it was closed. */
    private List<Follower> left = List.of();

    Notifier(String name) {
        this.name = name;
    }

    /** Somebody to be called; guarded by the notifier. */
    private abstract static class Subscriber {
        boolean open = true;

        /** Takes what there is to say, as a call; null if nothing. */
        abstract @Nullable Runnable next();

        /** No call begins once this has returned; a listener of documents may be in one, which may take its time. */
        void end() {}
    }

    private static final class WakeUp extends Subscriber {
        private final Runnable target;
        private boolean due;
        private boolean ended;

        WakeUp(Runnable target) {
            this.target = target;
        }

        @Override
        @Nullable
        Runnable next() {
            if (!due) {
                return null;
            }
            due = false;
            return this::wake;
        }

        /** Under a lock of its own, which {@link #end} takes too: it does not block, so neither waits long. */
        private synchronized void wake() {
            if (!ended) {
                target.run();
            }
        }

        @Override
        synchronized void end() {
            ended = true;
        }
    }

    private static final class Listener extends Subscriber {
        private final Consumer<List<String>> target;
        private final ArrayDeque<Set<String>> unheard = new ArrayDeque<>();

        Listener(Consumer<List<String>> target) {
            this.target = target;
        }

        void add(List<String> ids) {
            if (unheard.size() < SEPARATE) {
                unheard.add(new LinkedHashSet<>(ids));
            } else {
                unheard.getLast().addAll(ids);
            }
        }

        @Override
        @Nullable
        Runnable next() {
            Set<String> ids = unheard.poll();
            return ids == null ? null : () -> target.accept(List.copyOf(ids));
        }
    }

    /** Takes every published view, and has its say on the notifier's thread. Both under the notifier's lock. */
    interface Follower {
        void published(ViewStep step);

        /** Takes what there is to do, as a call; null if nothing. */
        @Nullable
        Runnable next();

        /** The database is closed; on the notifier's thread, without the lock. */
        default void ended() {}
    }

    private static final class Following extends Subscriber {
        private final Follower follower;

        Following(Follower follower) {
            this.follower = follower;
        }

        @Override
        @Nullable
        Runnable next() {
            return follower.next();
        }
    }

    /**
     * Has somebody follow the views from now on.
     *
     * @param begin gets them under the lock, so that it can note the view from which it goes on
     */
    synchronized Subscription follow(Supplier<? extends Follower> begin) {
        return subscribe(new Following(begin.get()));
    }

    /** Has the thread ask all followers anew. */
    synchronized void wake() {
        notifyAll();
    }

    Subscription onChange(Runnable wakeUp) {
        return subscribe(new WakeUp(wakeUp));
    }

    Subscription onDocuments(Consumer<List<String>> listener) {
        return subscribe(new Listener(listener));
    }

    private synchronized Subscription subscribe(Subscriber subscriber) {
        if (!closed) {
            subscribers.add(subscriber);
            if (thread == null) {
                thread = new Thread(this::run, name);
                thread.setDaemon(true);
                thread.start();
            }
        }
        return () -> {
            synchronized (this) {
                subscriber.open = false;
                subscribers.remove(subscriber);
            }
            subscriber.end();
        };
    }

    /** Something became durable. */
    void changed(ViewStep step) {
        changed(step::ids, step);
    }

    /** Something became durable. The ids are asked for only if somebody wants them. */
    void changed(Supplier<List<String>> ids, @Nullable ViewStep step) {
        if (subscribers.isEmpty()) {
            return;
        }
        boolean elsewhere = !wakesItself.get();
        List<String> changed = null;
        synchronized (this) {
            for (Subscriber s : subscribers) {
                if (s instanceof WakeUp w) {
                    w.due = true;
                } else if (s instanceof Listener l) {
                    changed = changed == null ? ids.get() : changed;
                    if (!changed.isEmpty()) {
                        l.add(changed);
                        elsewhere = true;
                    }
                } else if (s instanceof Following f && step != null) {
                    f.follower.published(step);
                    elsewhere = true;
                }
            }
            if (elsewhere) {
                notifyAll();
            }
        }
    }

    /**
     * Runs something that may publish, and then the wake-ups that this made due. The caller has no lock.
     *
     * @param publishing waits until something is durable, say
     */
    void whilePublishing(Runnable publishing) {
        wakesItself.set(true);
        try {
            publishing.run();
        } finally {
            wakesItself.remove();
            dueWakeUps().forEach(c -> call(c.subscriber, c.call));
        }
    }

    private synchronized List<Call> dueWakeUps() {
        List<Call> calls = new ArrayList<>();
        for (Subscriber s : subscribers) {
            Runnable call = s instanceof WakeUp ? s.next() : null;
            if (call != null) {
                calls.add(new Call(s, call));
            }
        }
        return calls;
    }

    /** A subscriber and what to tell it. */
    private record Call(Subscriber subscriber, Runnable call) {}

    private void run() {
        while (tell()) {
            // Nothing of the last calls stays here, in a local variable say: who was called may be garbage by now.
        }
        for (Follower follower : left()) {
            try {
                follower.ended();
            } catch (RuntimeException | Error e) {
                LOG.log(Level.WARNING, "a listener of " + name + " failed", e);
            }
        }
    }

    private synchronized List<Follower> left() {
        return left;
    }

    private boolean tell() {
        List<Call> calls = nextCalls();
        calls.forEach(c -> call(c.subscriber, c.call));
        return !calls.isEmpty();
    }

    /** Waits for something to tell; nothing after closing. */
    private synchronized List<Call> nextCalls() {
        List<Call> calls = dueCalls();
        while (calls.isEmpty() && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                LOG.log(Level.DEBUG, "only closing ends this thread, a listener that interrupts it does not", e);
            }
            calls = dueCalls();
        }
        return closed ? List.of() : calls;
    }

    private List<Call> dueCalls() {
        List<Call> calls = new ArrayList<>();
        for (Subscriber s : subscribers) {
            Runnable call = s.next();
            if (call != null) {
                calls.add(new Call(s, call));
            }
        }
        return calls;
    }

    private void call(Subscriber subscriber, Runnable call) {
        synchronized (this) {
            if (!subscriber.open || closed) {
                return;
            }
        }
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.WARNING, "a listener of " + name + " failed", e);
        }
    }

    /** Ends the thread; a listener that is being called is waited for, but not for ever. */
    void close() {
        Thread ending = end();
        if (ending == null || ending == Thread.currentThread()) {
            return;
        }
        try {
            TimeUnit.SECONDS.timedJoin(ending, PATIENCE_SECONDS);
            if (ending.isAlive()) {
                ending.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Begins no more calls. Returns the thread, which ends after the call that it is in; null if there never was one. */
    synchronized @Nullable Thread end() {
        closed = true;
        if (!subscribers.isEmpty()) {
            left = subscribers.stream()
                    .filter(Following.class::isInstance)
                    .map(s -> ((Following) s).follower)
                    .toList();
        }
        subscribers.clear();
        notifyAll();
        return thread;
    }
}
