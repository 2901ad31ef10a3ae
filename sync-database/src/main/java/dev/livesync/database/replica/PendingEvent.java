package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Origin;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A stored event that is not complete, with what is needed of it without its block. */
final class PendingEvent {
    /** How many bytes an event counts in its peer's quota besides its own: about what it takes in memory. */
    private static final int OVERHEAD = 256;

    final Cid cid;
    final String key;
    final List<Cid> parents;
    final boolean delete;
    final @Nullable Cid root;
    final long cost;
    /** Changed when a repair makes it the database's own. */
    Origin origin;

    final long time;
    final boolean own;

    /** Parents that are neither complete nor ready. */
    int blocked;
    /** Parents that are not complete. */
    int incomplete;
    /** Whether all ancestors are stored, so that only the end of the batch is missing. */
    boolean ready;

    boolean accepted;
    /** Whether it was given up. */
    boolean removed;
    /** The documents after this event, once they were computed. */
    @Nullable
    ChainDocuments documents;
    /** The event at which the documents could not be computed yet, when those after this event were asked for. */
    @Nullable
    PendingEvent fork;
    /** The events to check again once the documents before this one can be computed. */
    @Nullable
    Set<PendingEvent> postponed;

    PendingEvent(Event event, Origin origin, long time, boolean own) {
        this.cid = event.cid();
        this.key = event.key();
        this.parents = event.parents();
        this.delete = event.type() == Event.Type.DELETE;
        this.root = event.root();
        this.cost = cost(event);
        this.origin = origin;
        this.time = time;
        this.own = own;
    }

    /** Whether the documents before this event can't be computed yet, because it has several parents that are not all complete. */
    boolean isUndecided() {
        return incomplete > 0 && !accepted && !removed;
    }

    static long cost(Event event) {
        return (long) event.block().size() + OVERHEAD;
    }
}
