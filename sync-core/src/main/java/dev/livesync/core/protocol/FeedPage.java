package dev.livesync.core.protocol;

import dev.livesync.core.message.Section;
import org.jspecify.annotations.Nullable;

/** One page of the feed as messages. */
public interface FeedPage extends AutoCloseable {
    /**
     * The next section.
     *
     * @return null after the last
     */
    @Nullable
    Section next();

    /** Closes the snapshot. */
    @Override
    void close();
}
