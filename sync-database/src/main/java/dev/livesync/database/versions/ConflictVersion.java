package dev.livesync.database.versions;

import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.util.Optional;

/**
 * One of the versions that a {@link ConflictResolver} decides between. It tells only what all replicas know alike: neither a clock nor a state.
 *
 * <p>Any thread; it does not change. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface ConflictVersion {
    /**
     * The event.
     *
     * @return its name, the same at every replica
     */
    Cid event();

    /**
     * Whether it deleted the document.
     *
     * @return true for a delete, false for a put
     */
    boolean isDeletion();

    /**
     * What it made of the document; read from the disk by each call.
     *
     * @return the content without the id; empty for a deletion
     * @throws SyncException as {@link DocumentVersion#value}
     */
    Optional<Value.Mapping> value();

    /**
     * The same as JSON.
     *
     * @return as {@link dev.livesync.database.Document#json()}; empty for a deletion
     * @throws SyncException as {@link DocumentVersion#value}
     */
    Optional<String> json();
}
