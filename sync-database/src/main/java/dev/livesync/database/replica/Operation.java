package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.car.Encoded;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A put or a delete by the database's user.
 *
 * @param key the document's key
 * @param document what to put; null to delete
 * @param clock refuse if the document changed since; null to overwrite
 * @param absent for a delete: what to do if there is no document
 */
public record Operation(
        String key, @Nullable Encoded document, @Nullable List<Cid> clock, Absent absent) {
    /** What becomes of a delete of a document that doesn't exist. */
    public enum Absent {
        /** It is refused. */
        REFUSE,
        /** It is left out. */
        SKIP,
        /** It is written if another deletion has won a conflict, which this one ends; else refused. */
        SETTLE
    }
}
