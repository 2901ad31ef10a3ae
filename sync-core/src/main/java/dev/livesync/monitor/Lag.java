package dev.livesync.monitor;

import java.time.Duration;

/**
 * How far a peer is behind this database at one moment: what is complete here and not known to be durable there. What the peer itself brought in
 * the session, and what it has refused, doesn't count; with a peer that acknowledges nothing, what was handed to the channel counts as durable.
 * It is what is known here, so never less than the truth by more than what an event that came over another way makes up, and that for a moment.
 *
 * <p>Any thread; immutable. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface Lag {
    /**
     * How many events.
     *
     * @return a count; -1 while it is unknown, because the two have not found out yet what the peer lacks, or because the session has ended
     */
    long events();

    /**
     * For how long the oldest of them has been here, while this session knew of it.
     *
     * @return zero if there is none, or if that is unknown. After many changes in a row it may be that of a somewhat older one
     */
    Duration time();
}
