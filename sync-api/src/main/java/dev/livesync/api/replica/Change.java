package dev.livesync.api.replica;

import dev.livesync.api.Cid;
import java.util.List;

/**
 * One step of the feed: events that became complete together and came from the same place. One commit makes several if it
 * completes events that had been pending from others, and may make one for each batch.
 *
 * @param events in causal order, whole batches
 * @param nodes the tree nodes that were written with them, in the order of writing; empty where trees are not kept with
 *     events (the receiver's {@link Snapshot#newNodes} then finds them)
 * @param origin the origin of the commit that brought <em>these</em> events, not of the one that completed them: a session
 *     skips what it brought itself, and must not skip what it only released. {@link Origin#LOCAL} also for a batch that came
 *     in parts from several, and when the replica no longer knows
 */
public record Change(List<Cid> events, List<Cid> nodes, Origin origin) {
    /** Copies the lists. */
    public Change {
        events = List.copyOf(events);
        nodes = List.copyOf(nodes);
    }
}
