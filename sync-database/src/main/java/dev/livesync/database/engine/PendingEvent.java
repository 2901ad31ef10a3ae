package dev.livesync.database.engine;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Origin;
import java.util.List;
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
    /** Whether all ancestors are stored, so that only the end of the batch is missing. */
    boolean ready;

    boolean accepted;
    /** A key that has a document after this event, once somebody looked for one. */
    @Nullable
    String witness;

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

    static long cost(Event event) {
        return (long) event.block().size() + OVERHEAD;
    }
}
