package dev.livesync.core.protocol;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Events;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Cuts a causal stream of complete events into batches: interior events and the one that ends them, or one event that is
 * no part of a batch.
 */
public final class EventBatches {
    /**
     * Batches are written smaller than this; ADR 8. A larger one of somebody else's is sent in parts, which the receiver keeps as pending
     * until the last one comes.
     */
    private static final int MAX_EVENTS = 10_000;

    private static final long MAX_BYTES = 24 << 20;

    private final Snapshot snapshot;
    private final Iterator<Cid> events;
    private final Predicate<Cid> skip;

    /** Read before, and given back. */
    private final ArrayDeque<Cid> again = new ArrayDeque<>();

    private boolean heldBack;

    /**
     * Cuts a stream into batches.
     *
     * @param snapshot has the events; stays open
     * @param events in causal order
     * @param skip what is left out
     */
    public EventBatches(Snapshot snapshot, Iterator<Cid> events, Predicate<Cid> skip) {
        this.snapshot = snapshot;
        this.events = events;
        this.skip = skip;
    }

    /**
     * The next batch.
     *
     * @return never empty when there is more; empty at the end
     */
    public List<Block> next() {
        return next(Long.MAX_VALUE);
    }

    /**
     * The next batch, if it is small enough.
     *
     * @param room how many bytes its blocks may have
     * @return never empty when there is more; empty at the end, and if the batch {@linkplain #isHeldBack is held back}
     */
    public List<Block> next(long room) {
        heldBack = false;
        List<Block> batch = new ArrayList<>();
        long bytes = 0;
        while (!again.isEmpty() || events.hasNext()) {
            boolean seen = !again.isEmpty();
            Cid cid = seen ? again.remove() : events.next();
            if (!seen && skip.test(cid)) {
                continue;
            }
            if (room < Long.MAX_VALUE && bytes + snapshot.size(cid) > room) {
                again.addFirst(cid);
                giveBack(batch);
                heldBack = true;
                return List.of();
            }
            Block block = snapshot.block(cid);
            if (block == null) {
                throw absent(cid);
            }
            batch.add(block);
            bytes += block.size();
            if (!isInterior(block) || batch.size() == MAX_EVENTS || bytes >= MAX_BYTES) {
                break;
            }
        }
        return batch;
    }

    /**
     * Whether the last call of {@link #next(long)} found a batch that is larger than it may be; the next one begins with it.
     *
     * @return true if there is one
     */
    public boolean isHeldBack() {
        return heldBack;
    }

    /**
     * Takes a batch back, to be read again by the next call. Its blocks are not kept: they may be large, and whoever wants them may have to wait.
     *
     * @param batch the last one
     */
    public void giveBack(List<Block> batch) {
        for (int i = batch.size() - 1; i >= 0; i--) {
            again.addFirst(batch.get(i).cid());
        }
    }

    /** Whether more events of its batch follow. Only for a delete without a root does this read from the snapshot. */
    private boolean isInterior(Block event) {
        Events.Outline outline = Events.outline(event);
        return !outline.hasRoot() && (outline.type() == Event.Type.PUT || snapshot.isInterior(event.cid()));
    }

    /**
     * Reads an event that has to be there.
     *
     * @param snapshot has it
     * @param cid of a complete event
     * @return the event
     * @throws SyncException {@link ErrorKind#INTERNAL} if it is not there
     */
    public static Event require(Snapshot snapshot, Cid cid) {
        Event event = snapshot.event(cid);
        if (event == null) {
            throw absent(cid);
        }
        return event;
    }

    private static SyncException absent(Cid cid) {
        return new SyncException(
                ErrorKind.INTERNAL, "the replica lists event " + cid + " as complete but does not have it");
    }
}
