package dev.livesync.group;

import dev.livesync.SyncLimits;
import dev.livesync.api.transport.TransportContext;
import java.time.Duration;
import java.util.concurrent.Executor;

/** What a group lends to the transports that its databases share. */
record GroupContext(Executor executor, Scheduler scheduler, SyncLimits limits) implements TransportContext {
    /** Nothing that passes is longer. */
    private static final int FRAME_BYTES = 32 << 10;

    @Override
    public int maxMessageBytes() {
        return FRAME_BYTES;
    }

    @Override
    public Duration connectTimeout() {
        return limits.connectTime();
    }

    @Override
    public Duration closeTimeout() {
        return limits.closeTime().isZero() ? Duration.ofMillis(1) : limits.closeTime();
    }
}
