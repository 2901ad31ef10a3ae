package dev.livesync.api.replica;

import dev.livesync.api.Cid;
import java.util.List;

/**
 * A clock that a peer had.
 *
 * @param instance the peer's number
 * @param name what it was called then; empty if that isn't known
 * @param sinceMillis when it was found out, in milliseconds since 1970; 0 if that isn't known
 * @param heads of the clock; perhaps not all here any more
 */
public record RememberedClock(long instance, String name, long sinceMillis, List<Cid> heads) {
    /** Copies the heads. */
    public RememberedClock {
        heads = List.copyOf(heads);
    }
}
