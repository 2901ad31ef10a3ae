package dev.livesync.database.replica;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.RememberedClock;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.replica.Summary;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a database reads its documents from and writes them to, whoever keeps the events. Any thread. */
public interface DocumentStore extends AutoCloseable {
    /**
     * What is durable now, as far as it is known here.
     *
     * @return the view, which never changes
     * @throws SyncException {@link ErrorKind#CLOSED}
     */
    ReadView view();

    /**
     * The counts of what is stored.
     *
     * @return at this moment
     * @throws SyncException {@link ErrorKind#CLOSED}, {@link ErrorKind#STORAGE}
     */
    Summary summary();

    /**
     * Refuses what comes after {@link #close}.
     *
     * @throws SyncException {@link ErrorKind#CLOSED}
     */
    void requireOpen();

    /**
     * Writes puts and deletes of the database's own user: one event each, chained, the last one with the tree.
     *
     * @param operations in this order; each key once, and the puts before the deletes
     * @return what was written; all of it is durable
     * @throws SyncException {@link ErrorKind#CONFLICT}, {@link ErrorKind#NOT_FOUND}, {@link ErrorKind#LIMIT_EXCEEDED}, {@link
     *     ErrorKind#STORAGE}, {@link ErrorKind#CLOSED}; nothing was written then
     */
    WriteResult write(List<Operation> operations);

    /**
     * The replicas that were met.
     *
     * @return what is known of each now, the one met last first
     */
    List<RememberedClock> rememberedPeers();

    /**
     * Registers a listener that is told which documents changed.
     *
     * @param listener receives ids, as {@link dev.livesync.database.DocumentListener} says
     * @return ends it
     * @throws SyncException {@link ErrorKind#CLOSED}
     */
    Subscription onDocuments(Consumer<List<String>> listener);

    /**
     * Registers a watcher that is told which documents changed, from which event to which.
     *
     * @param first receives the view from which on the watcher is told, before that one is called; null for nobody
     * @param watcher receives the changes on the notifier's thread, never none at once
     * @return ends it
     * @throws SyncException {@link ErrorKind#CLOSED}
     */
    Subscription watch(@Nullable Consumer<ReadView> first, Consumer<ViewChange> watcher);

    /**
     * Registers somebody who takes what has changed when he likes.
     *
     * @param pull is called
     * @return ends it
     * @throws SyncException {@link ErrorKind#CLOSED}
     */
    Subscription pull(ViewPull pull);

    /** Has everybody asked again whether he takes something. */
    void wake();

    /** Waits for what is on its way, and ends. Idempotent. */
    @Override
    void close();
}
