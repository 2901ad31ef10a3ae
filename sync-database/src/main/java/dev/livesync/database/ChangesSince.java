package dev.livesync.database;

import dev.livesync.api.Cid;
import java.util.List;

/**
 * What {@link Database#changesSince} found.
 *
 * @param changes every document that was written or deleted since, once, by id
 * @param clock where to go on from: the clock that the changes lead up to
 */
public record ChangesSince(List<DocumentChange> changes, List<Cid> clock) {
    /** Copies the lists. */
    public ChangesSince {
        changes = List.copyOf(changes);
        clock = List.copyOf(clock);
    }
}
