package dev.livesync.core.protocol;

import dev.livesync.core.message.OutgoingMessage;
import org.jspecify.annotations.Nullable;

/** The answer to a diff: CARs of what the peer lacks, or an ok. Made from one snapshot while it is being sent. */
public interface DiffAnswer extends AutoCloseable {
    /**
     * The next message.
     *
     * @param room how many bytes of blocks it may be made of, where the dialect {@linkplain Dialect#keepsToRoom keeps to that}
     * @return null after the last, and if the next one {@linkplain #isHeldBack is held back}
     */
    @Nullable
    OutgoingMessage next(long room);

    /**
     * Whether the last call found something that needs more room.
     *
     * @return true if there is something
     */
    default boolean isHeldBack() {
        return false;
    }

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
