package dev.livesync.core.protocol;

import dev.livesync.core.message.CarBytes;
import org.jspecify.annotations.Nullable;

/** What is left of one read of the feed. */
public interface FeedPage extends AutoCloseable {
    /**
     * The next CAR.
     *
     * @return null after the last
     */
    @Nullable
    CarBytes next();

    /** Closes the snapshot. */
    @Override
    void close();
}
