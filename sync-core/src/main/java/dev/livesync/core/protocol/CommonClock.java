package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Cursor;
import java.util.List;

/**
 * A clock that both ends have stated in their handshake, so that neither needs to say what it has.
 *
 * @param heads of the clock, in text order
 * @param cursor where the feed goes on behind it
 */
public record CommonClock(List<Cid> heads, Cursor cursor) {
    /** Copies the heads. */
    public CommonClock {
        heads = List.copyOf(heads);
    }
}
