package dev.livesync.core.session;

import dev.livesync.api.SyncException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Those who wait for something in a session that may end before. Any thread. */
final class Waiters {
    private final Set<Promise> waiting = new LinkedHashSet<>();
    private @Nullable SyncException over;

    /** One more waits; at once for nothing, if the session has ended. */
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

    /** One waits no longer, or has what it waited for. */
    synchronized void forget(Promise promise) {
        waiting.remove(promise);
    }

    synchronized List<Promise> all() {
        return List.copyOf(waiting);
    }

    /** These need not wait any longer. */
    void settle(Collection<Promise> promises, @Nullable SyncException failure) {
        synchronized (this) {
            promises.forEach(waiting::remove);
        }
        promises.forEach(promise -> promise.settle(failure));
    }

    /** The session has ended; so has all waiting. */
    void end(SyncException why) {
        synchronized (this) {
            over = why;
        }
        settle(all(), why);
    }
}
