package dev.livesync.transport.memory;

import dev.livesync.api.transport.TransportContext;
import java.util.function.Consumer;

/**
 * One side's settings for a link.
 *
 * @param context the core's
 * @param configuration the transport's
 * @param onGone told once a channel has reported its close
 */
record MemoryEnd(TransportContext context, MemoryConfiguration configuration, Consumer<MemoryChannel> onGone) {
    int maxMessageBytes() {
        return Math.min(context.maxMessageBytes(), configuration.maxMessageBytes());
    }
}
