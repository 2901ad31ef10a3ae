package dev.livesync.database;

import dev.livesync.api.Cid;
import java.util.List;

/**
 * What a batch wrote. All of it is durable.
 *
 * @param events the events in their order, one for each id, the puts before the deletes; empty if the batch was
 * @param clock the clock after the batch
 */
public record BatchResult(List<Cid> events, List<Cid> clock) {
    /** Copies the lists. */
    public BatchResult {
        events = List.copyOf(events);
        clock = List.copyOf(clock);
    }
}
