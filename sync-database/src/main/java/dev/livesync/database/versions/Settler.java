package dev.livesync.database.versions;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/**
 * Settles the conflicts of a database by an application's rule, each time that it is run. {@link dev.livesync.database.Database#settler} makes it. It remembers what it has looked at, so
 * that a later run costs what has changed.
 *
 * <p>Where the versions of a document say anything else than the rule, what that says is written, knowing of all of them. Replicas that settle the same at once write the same content and
 * leave it at that. Where somebody has settled a conflict another way, that holds.
 *
 * <p>Any thread, one run at a time. LiveSync implements this, and a later version may tell more: programs only call it.
 */
public interface Settler {
    /**
     * Settles what there is to settle: the first time all conflicts, then those of documents that were written since, and those that stay. The rule is called on this thread, more often than
     * there are conflicts: it is asked again what earlier writes settled. Documents are written in batches.
     *
     * @return how many documents were written
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if the rule says two things of the same versions or takes one that it wasn't given, and as {@link
     *     dev.livesync.database.Database#put(String, String)} for what it says: nothing was written then. What the rule throws comes out as it is, likewise. {@link ErrorKind#CONFLICT} if others
     *     keep writing these documents; the next run goes on
     */
    int run();
}
