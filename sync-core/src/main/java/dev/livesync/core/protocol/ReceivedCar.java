package dev.livesync.core.protocol;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import java.util.List;

/**
 * A CAR that arrived whole, every block checked.
 *
 * @param roots what it names as its roots
 * @param blocks those that are no events, each once, in their order
 * @param events the events, each once, in their order
 * @param bytes the size of the message
 */
public record ReceivedCar(List<Cid> roots, List<Block> blocks, List<Event> events, long bytes) {
    /**
     * Whether it has roots.
     *
     * @return false for a part of something larger
     */
    public boolean rooted() {
        return !roots.isEmpty();
    }
}
