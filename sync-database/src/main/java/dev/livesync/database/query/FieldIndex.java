package dev.livesync.database.query;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.order.JsonPointer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Declares an index: the documents in the order of some fields, kept in memory, so that a {@link Query} needn't look at all of them. Which index a query uses is
 * the database's choice; what it finds is the same with any and with none. {@link dev.livesync.database.DatabaseOptions#indexes()} is where indexes are declared.
 *
 * <p>One over {@code /done} and {@code /due} serves queries for equal values of {@code /done}, with a range of {@code /due} or in its order; those for a range of
 * {@code /done}; and those in the order of both. All documents are in it, those without the fields, too.
 *
 * <p>Immutable; any thread. Two are equal if they say the same.
 */
public final class FieldIndex {
    private static final int MOST_FIELDS = 8;

    private final String prefix;
    private final List<String> pointers;

    private FieldIndex(String prefix, List<String> pointers) {
        this.prefix = prefix;
        this.pointers = pointers;
    }

    /**
     * Declares an index over fields.
     *
     * @param pointers JSON pointers, the most significant first; 1 to 8, each once
     * @return the index of all documents
     * @throws SyncException {@link ErrorKind#CONFIGURATION} for other numbers of them, {@link ErrorKind#INVALID_ARGUMENT} if one is no JSON pointer
     */
    public static FieldIndex on(String... pointers) {
        List<String> fields = List.of(pointers);
        if (fields.isEmpty()
                || fields.size() > MOST_FIELDS
                || Stream.of(pointers).distinct().count() < fields.size()) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, "an index is over 1 to " + MOST_FIELDS + " different fields: " + fields);
        }
        fields.forEach(JsonPointer::parse);
        return new FieldIndex("", fields);
    }

    /**
     * The same of documents whose ids begin so, and no others: for queries with that {@link Query#idPrefix}, or a longer one.
     *
     * @param idPrefix the beginning
     * @return a new index
     */
    public FieldIndex idPrefix(String idPrefix) {
        return new FieldIndex(idPrefix, pointers);
    }

    /**
     * How the ids of the documents begin that are in it.
     *
     * @return empty if all are
     */
    public Optional<String> idPrefix() {
        return prefix.isEmpty() ? Optional.empty() : Optional.of(prefix);
    }

    /**
     * The fields.
     *
     * @return JSON pointers, the most significant first; immutable
     */
    public List<String> pointers() {
        return pointers;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FieldIndex index && prefix.equals(index.prefix) && pointers.equals(index.pointers);
    }

    @Override
    public int hashCode() {
        return 31 * prefix.hashCode() + pointers.hashCode();
    }

    /** What it is over, for people. */
    @Override
    public String toString() {
        return String.join(", ", pointers) + (prefix.isEmpty() ? "" : " of \"" + prefix + "\"…");
    }
}
