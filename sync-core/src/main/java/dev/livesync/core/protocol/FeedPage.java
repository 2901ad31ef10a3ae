package dev.livesync.core.protocol;

import dev.livesync.core.message.CarBytes;
import org.jspecify.annotations.Nullable;

/** One page of the feed as messages. */
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
