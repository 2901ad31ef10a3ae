package dev.livesync.core.session;

import dev.livesync.api.transport.TransportContext;

/** How much memory a {@code Sync} has taken for what is under way, seen through the context that its transports get. */
public final class TransitMemory {
    private TransitMemory() {}

    /** Bytes for what arrives, and for what leaves. */
    public static long[] of(TransportContext context) {
        return ((SyncContext) context).transit();
    }
}
