package dev.livesync.grant;

import dev.livesync.api.replica.Subscription;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who is called after a change. */
final class GrantListeners {
    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    /** Two entries of the same listener are two. */
    private static final class Entry {
        private final Runnable listener;

        Entry(Runnable listener) {
            this.listener = listener;
        }
    }

    Subscription add(Runnable listener) {
        Entry entry = new Entry(listener);
        entries.add(entry);
        return () -> entries.remove(entry);
    }

    void changed() {
        entries.forEach(entry -> entry.listener.run());
    }
}
