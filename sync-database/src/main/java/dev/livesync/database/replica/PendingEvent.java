package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Origin;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A stored event that is not complete: what must be known of it without its block. */
final class PendingEvent {
    /** What an event costs its peer's quota besides its bytes: about what it takes in memory. */
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
    /** Given up. */
    boolean removed;
    /** The documents after this event, once somebody asked for them. */
    @Nullable
    ChainDocuments documents;
    /** Where nobody could say yet what the documents are, when somebody asked for those after this event. */
    @Nullable
    PendingEvent fork;
    /** The events to ask for again once it can be said what the documents before this one are. */
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

    /** Whether several parents that are not all complete keep from saying what the documents before this event are. */
    boolean isUndecided() {
        return incomplete > 0 && !accepted && !removed;
    }

    static long cost(Event event) {
        return (long) event.block().size() + OVERHEAD;
    }
}
