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
 * @param mayBeAbsent for a delete: do nothing, rather than refuse, if there is no document
 */
public record Operation(
        String key, @Nullable Encoded document, @Nullable List<Cid> clock, boolean mayBeAbsent) {}
