package dev.livesync.core.protocol;

import java.time.Duration;

/**
 * The timeouts of a session, measured by the caller's clock.
 *
 * @param phase how long a phase may last without progress: the peer's diff, its answer, its acks, its credit, its readiness
 *     to receive. Time in which this side is busy committing does not count.
 * @param heartbeat after this much silence a ping is sent; after four times as much the session ends
 * @param parting how long a session that is being closed goes on for what either side had written before
 */
public record ProtocolTimes(Duration phase, Duration heartbeat, Duration parting) {
    /** 60 seconds, 15 seconds and 5 seconds. */
    public static final ProtocolTimes DEFAULT =
            new ProtocolTimes(Duration.ofSeconds(60), Duration.ofSeconds(15), Duration.ofSeconds(5));
}
