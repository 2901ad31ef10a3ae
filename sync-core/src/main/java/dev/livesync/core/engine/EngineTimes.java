package dev.livesync.core.engine;

import java.time.Duration;

/**
 * How long a session waits. Measured by the caller's clock.
 *
 * @param phase how long a phase may last without progress: the peer's diff, its answer, its acks, its credit, its readiness
 *     to receive. Time in which this side is busy committing does not count.
 * @param heartbeat after this much silence a ping is sent; after four times as much the session ends
 */
public record EngineTimes(Duration phase, Duration heartbeat) {
    /** 60 seconds and 15 seconds. */
    public static final EngineTimes DEFAULT = new EngineTimes(Duration.ofSeconds(60), Duration.ofSeconds(15));
}
