package dev.livesync.database;

import dev.livesync.api.Cid;
import java.util.List;

/**
 * What {@link Database#write} wrote. All of it is durable.
 *
 * <p>Any thread; it does not change. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface BatchResult {
    /**
     * The new events.
     *
     * @return the events in their order, one for each id, the puts before the deletes; empty if the batch was; immutable
     */
    List<Cid> events();

    /**
     * The clock after the batch.
     *
     * @return the heads; immutable
     */
    List<Cid> clock();
}
