package dev.livesync.bench.peer;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** One clock for all processes of a machine; System.nanoTime promises nothing across two of them. */
public final class Clock {
    private Clock() {}

    /**
     * Microseconds of the wall clock.
     *
     * @return since 1970
     */
    public static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }
}
