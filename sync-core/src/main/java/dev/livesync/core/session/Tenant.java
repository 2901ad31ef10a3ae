package dev.livesync.core.session;

import dev.livesync.api.SyncException;

/** What a node ends when it closes. */
interface Tenant {
    /** Lets go of everything, at once. Idempotent; never blocks, never throws. */
    void end(SyncException reason);
}
