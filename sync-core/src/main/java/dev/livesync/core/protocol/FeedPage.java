package dev.livesync.core.protocol;

import dev.livesync.core.message.Section;
import org.jspecify.annotations.Nullable;

/** One page of the feed as messages. */
public interface FeedPage extends AutoCloseable {
    /**
     * The next section.
     *
     * @param room how many bytes of blocks it may be made of, where the dialect {@linkplain Dialect#keepsToRoom keeps to that}
     * @return null after the last, and if the next one {@linkplain #isHeldBack is held back}
     */
    @Nullable
    Section next(long room);

    /**
     * Whether the last call found something that needs more room.
     *
     * @return true if there is something
     */
    default boolean isHeldBack() {
        return false;
    }

    /** Closes the snapshot. */
    @Override
    void close();
}
