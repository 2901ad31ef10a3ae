package dev.livesync.database.query;

import java.util.List;
import java.util.Optional;

/**
 * One page of what a query finds.
 *
 * <p>Any thread; it does not change. LiveSync implements this, and a later version may tell more: programs only read it.
 *
 * @param <D> what it holds: {@link dev.livesync.database.Document}
 */
public interface ResultPage<D> {
    /**
     * The documents.
     *
     * @return as many as the query's limit allows, in its order; immutable
     */
    List<D> documents();

    /**
     * Where the next page begins.
     *
     * @return what {@link Query#after(PageKey)} takes; empty if there was nothing more when this page was read
     */
    Optional<PageKey> next();
}
