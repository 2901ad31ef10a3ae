package dev.livesync.core.session;

import dev.livesync.api.SyncException;

/** Something that a {@code Sync} ends when it closes. */
public interface ManagedResource {
    /**
     * Releases everything at once. Idempotent; never blocks, never throws.
     *
     * @param reason what those are told who wait
     */
    void end(SyncException reason);
}
