package dev.livesync.core.protocol;

import dev.livesync.core.message.OutgoingMessage;
import org.jspecify.annotations.Nullable;

/** The answer to a diff: CARs of what the peer lacks, or an ok. Made from one snapshot while it is being sent. */
public interface DiffAnswer extends AutoCloseable {
    /**
     * The next message.
     *
     * @return null after the last
     */
    @Nullable
    OutgoingMessage next();

    /**
     * The number of events in the whole answer.
     *
     * @return as far as that is known beforehand; -1 if it is not
     */
    long events();

    /** Closes the snapshot. Idempotent. */
    @Override
    void close();
}
