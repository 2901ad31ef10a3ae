package dev.livesync.database;

import java.util.List;

/** Is called with the documents that changed. */
@FunctionalInterface
public interface DocumentListener {
    /**
     * Called when documents were put or deleted, here or by a peer; the changes are durable and can be read. Calls come in the order of the
     * commits, on one thread of the database's that all listeners share; it may block, but then the others wait. A listener that
     * falls far behind gets several commits in one call. What it throws is logged and changes nothing.
     *
     * @param ids the documents, each once; never empty
     */
    void changed(List<String> ids);
}
