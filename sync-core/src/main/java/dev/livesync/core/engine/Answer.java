package dev.livesync.core.engine;

import dev.livesync.core.wire.Outgoing;
import org.jspecify.annotations.Nullable;

/** What a peer lacks, according to its diff: CARs, or an ok. Made from one snapshot while it is being sent. */
interface Answer extends AutoCloseable {
    /** The next message; null after the last. */
    @Nullable
    Outgoing next();

    /** How many events it has in all, as far as that is known beforehand; -1 if it is not. */
    long events();

    /** Closes the snapshot. Idempotent. */
    @Override
    void close();
}
