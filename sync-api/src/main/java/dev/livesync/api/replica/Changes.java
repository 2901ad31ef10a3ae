package dev.livesync.api.replica;

import java.util.List;

/**
 * A page of the feed.
 *
 * @param changes oldest first; empty when the reader has seen everything
 * @param next the cursor to go on from
 */
public record Changes(List<Change> changes, Cursor next) {
    /** Copies the list. */
    public Changes {
        changes = List.copyOf(changes);
    }
}
