package dev.livesync.collections;

import dev.livesync.api.SyncException;
import dev.livesync.database.Document;
import java.util.List;
import java.util.Optional;

/**
 * A document of a collection, as it was read.
 *
 * <p>A peer may have written anything: what doesn't fit the type is told by {@link #problems()}, and hides no other document. Any thread; it does not change. LiveSync implements this, and a later version may
 * tell more: programs only read it.
 *
 * @param <T> the type
 */
public interface TypedDocument<T> {
    /**
     * Its name in the collection.
     *
     * @return the id without the collection's prefix
     */
    String key();

    /**
     * Its value.
     *
     * @return the value
     * @throws SyncException an {@link InvalidDocumentException} if it doesn't fit
     */
    T value();

    /**
     * Its value, if it fits.
     *
     * @return empty if there are {@link #problems()}
     */
    Optional<T> valid();

    /**
     * Why it doesn't fit the type.
     *
     * @return empty if it does; immutable
     */
    List<FieldProblem> problems();

    /**
     * The document as it is in the database, with the clock at which it was read.
     *
     * @return the document
     */
    Document document();
}
