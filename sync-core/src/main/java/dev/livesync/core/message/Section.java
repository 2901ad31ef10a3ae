package dev.livesync.core.message;

import dev.livesync.api.Event;
import java.util.List;

/** A data message with events that can be committed for themselves. */
public interface Section extends OutgoingMessage {
    /**
     * How many events there are.
     *
     * @return at least 0
     */
    int eventCount();

    /**
     * How many blocks there are.
     *
     * @return events included
     */
    int blockCount();

    /**
     * The events that a peer's clock may consist of after it has stored this section.
     *
     * @return as given by whoever made it; empty where they aren't needed
     */
    List<Event> tips();
}
