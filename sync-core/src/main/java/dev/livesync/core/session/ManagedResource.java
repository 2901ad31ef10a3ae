package dev.livesync.core.session;

import dev.livesync.api.SyncException;

/** What a {@code Sync} ends when it closes. */
public interface ManagedResource {
    /**
     * Lets go of everything, at once. Idempotent; never blocks, never throws.
     *
     * @param reason what those are told who wait
     */
    void end(SyncException reason);
}
