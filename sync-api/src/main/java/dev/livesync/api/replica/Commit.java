package dev.livesync.api.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Event;
import java.util.List;

/**
 * What a session asks a replica to store.
 *
 * @param blocks blocks that are no events: tree nodes and whatever else a peer's CAR held; in the order received
 * @param events decoded events in any order; their own blocks are not repeated in {@code blocks}
 * @param origin the session they came through
 */
public record Commit(List<Block> blocks, List<Event> events, Origin origin) {
    /** Copies the lists. */
    public Commit {
        blocks = List.copyOf(blocks);
        events = List.copyOf(events);
    }
}
