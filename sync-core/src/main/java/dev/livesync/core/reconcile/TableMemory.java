package dev.livesync.core.reconcile;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/** Asked before a reconciliation takes memory for tables of events, which a peer can make as large as the history. */
@FunctionalInterface
public interface TableMemory {
    /** Gives whatever is asked for. */
    TableMemory UNLIMITED = bytes -> {};

    /**
     * Asks for more memory, on the reconciliation's thread. It is given back when the reconciliation is closed, all at once.
     *
     * @param bytes about how many, more than 0
     * @throws SyncException {@link ErrorKind#REFUSED} if there is not enough now; the reconciliation is of no use then
     */
    void claim(long bytes);
}
