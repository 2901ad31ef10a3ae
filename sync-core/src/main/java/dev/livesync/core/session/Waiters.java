package dev.livesync.core.session;

import dev.livesync.api.SyncException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The promises that wait for something in a session. All fail when the session ends. Any thread. */
final class Waiters {
    private final Set<Promise> waiting = new LinkedHashSet<>();
    private @Nullable SyncException over;

    /** Adds a promise; it fails at once if the session has ended. */
    void add(Promise promise) {
        SyncException end;
        synchronized (this) {
            end = over;
            if (end == null) {
                waiting.add(promise);
            }
        }
        if (end != null) {
            promise.settle(end);
        }
    }

    /** Removes a promise. */
    synchronized void forget(Promise promise) {
        waiting.remove(promise);
    }

    synchronized boolean isEmpty() {
        return waiting.isEmpty();
    }

    synchronized List<Promise> all() {
        return List.copyOf(waiting);
    }

    /** Settles and removes promises. */
    void settle(Collection<Promise> promises, @Nullable SyncException failure) {
        synchronized (this) {
            promises.forEach(waiting::remove);
        }
        promises.forEach(promise -> promise.settle(failure));
    }

    /** Fails all promises, because the session has ended. */
    void end(SyncException why) {
        synchronized (this) {
            over = why;
        }
        settle(all(), why);
    }
}
