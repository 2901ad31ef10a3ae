package dev.livesync.database.versions;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.util.List;
import java.util.Optional;

/**
 * One put or delete of a document. Two are equal if they are the same event, seen at the same clock.
 *
 * <p>Any thread; it does not change, and can be read until the database is closed. LiveSync implements this, and a later version may tell more:
 * programs only read it.
 */
public interface DocumentVersion {
    /**
     * The event.
     *
     * @return its name, the same at every replica
     */
    Cid event();

    /**
     * Which document.
     *
     * @return its id
     */
    String id();

    /**
     * What it made of the document; read from the disk by each call.
     *
     * @return the content without the id; empty for a deletion
     * @throws SyncException {@link ErrorKind#CORRUPT}, {@link ErrorKind#STORAGE}, {@link ErrorKind#CLOSED} as {@link
     *     dev.livesync.database.Database#get}
     */
    Optional<Value.Mapping> value();

    /**
     * The same as JSON.
     *
     * @return as {@link dev.livesync.database.Document#json()}; empty for a deletion
     * @throws SyncException as {@link #value}
     */
    Optional<String> json();

    /**
     * Whether it deleted the document.
     *
     * @return true for a delete, false for a put
     */
    boolean isDeletion();

    /**
     * What its writer knew: the newest events, and with them all before them.
     *
     * @return the parents that count, in text order; empty for a first event
     */
    List<Cid> parents();

    /**
     * The moment at which it was looked at.
     *
     * @return the {@linkplain History#clock() history's clock}; immutable
     */
    List<Cid> clock();

    /**
     * What has become of it.
     *
     * @return its state at the history's clock
     */
    VersionState state();
}
