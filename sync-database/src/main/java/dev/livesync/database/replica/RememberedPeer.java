package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import java.util.List;

/**
 * What is known of a replica that was met.
 *
 * @param instance its number
 * @param name what it was called then; empty if that isn't known
 * @param sinceMillis when it was found out that it has this clock, in milliseconds since 1970; 0 if that isn't known
 * @param heads of a clock that it had; perhaps not all here any more
 */
public record RememberedPeer(long instance, String name, long sinceMillis, List<Cid> heads) {
    /** Copies the heads. */
    public RememberedPeer {
        heads = List.copyOf(heads);
    }
}
