package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A view and the events that were pending beside it, for maintenance that takes long: it is read without the lock, while writers go on.
 *
 * @param view the complete events
 * @param waiting the pending events
 * @param roots the trees that these name
 * @param goesOn called now and then; throws when the work is no longer wanted
 */
record MaintenanceView(StoredView view, Set<Cid> waiting, List<Cid> roots, Runnable goesOn) {
    /** Takes a view; under the replica's lock. */
    static MaintenanceView of(StoredView view, Runnable goesOn) {
        List<PendingEvent> pending = view.writer.pending.all();
        Set<Cid> waiting = new HashSet<>(2 * pending.size());
        List<Cid> roots = new ArrayList<>();
        for (PendingEvent e : pending) {
            waiting.add(e.cid);
            if (e.root != null) {
                roots.add(Objects.requireNonNull(e.root));
            }
        }
        return new MaintenanceView(view, waiting, roots, goesOn);
    }

    boolean isKnownEvent(Cid cid) {
        return view.index(cid) >= 0 || waiting.contains(cid);
    }
}
