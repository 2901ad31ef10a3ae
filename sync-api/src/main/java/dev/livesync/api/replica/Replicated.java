package dev.livesync.api.replica;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.util.Optional;

/** Something that can be synchronised: a database with its {@link Replica}. What {@code new Sync(database)} takes. */
public interface Replicated {
    /**
     * The contract that the protocol works against.
     *
     * @return the same replica every time; it lives as long as its database
     */
    Replica replica();

    /**
     * A document as it is shown now; an application's authorizer is told by it what was there before a change.
     *
     * @param id the document's id
     * @return the document without its id; empty if there is none
     * @throws SyncException {@link ErrorKind#UNSUPPORTED} unless overridden; whatever else reading throws
     */
    default Optional<Value> document(String id) {
        throw new SyncException(ErrorKind.UNSUPPORTED, "this database does not say what is in a document");
    }
}
