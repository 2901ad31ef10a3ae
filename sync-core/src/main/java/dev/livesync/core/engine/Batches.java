package dev.livesync.core.engine;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Cuts a causal stream of complete events into batches: interior events and the one that ends them, or one event that is
 * no part of a batch.
 */
final class Batches {
    /**
     * Batches are written smaller than this; ADR 8. What somebody else made larger goes in parts: the receiver holds them
     * as pending until the last one comes.
     */
    private static final int MAX_EVENTS = 10_000;

    private static final long MAX_BYTES = 24 << 20;

    private final Snapshot snapshot;
    private final Iterator<Cid> events;
    private final Predicate<Cid> skip;

    Batches(Snapshot snapshot, Iterator<Cid> events, Predicate<Cid> skip) {
        this.snapshot = snapshot;
        this.events = events;
        this.skip = skip;
    }

    /** The next batch, never empty when there is more; empty at the end. */
    List<Event> next() {
        List<Event> batch = new ArrayList<>(1);
        long bytes = 0;
        while (events.hasNext()) {
            Cid cid = events.next();
            if (skip.test(cid)) {
                continue;
            }
            Event event = require(snapshot, cid);
            batch.add(event);
            bytes += event.block().size();
            if (!isInterior(event) || batch.size() == MAX_EVENTS || bytes >= MAX_BYTES) {
                break;
            }
        }
        return batch;
    }

    /** Whether more of its batch follows. Only for a delete without a root does that cost a look. */
    boolean isInterior(Event event) {
        return event.root() == null
                && (event.type() == Event.Type.PUT || snapshot.tree(event.cid()).root() != null);
    }

    static Event require(Snapshot snapshot, Cid cid) {
        Event event = snapshot.event(cid);
        if (event == null) {
            throw new SyncException(
                    ErrorKind.INTERNAL, "the replica lists event " + cid + " as complete but does not have it");
        }
        return event;
    }
}
