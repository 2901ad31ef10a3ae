package dev.livesync.api.replica;

import dev.livesync.api.Cid;
import java.util.List;

/**
 * One step of the feed: events that became complete together.
 *
 * @param events in causal order, whole batches
 * @param nodes the tree nodes that were written with them, in the order of writing; empty where trees are not kept with
 *     events (the receiver's {@link Snapshot#newNodes} then finds them)
 * @param origin where they came from; {@link Origin#LOCAL} also when the replica no longer knows
 */
public record Change(List<Cid> events, List<Cid> nodes, Origin origin) {
    /** Copies the lists. */
    public Change {
        events = List.copyOf(events);
        nodes = List.copyOf(nodes);
    }
}
