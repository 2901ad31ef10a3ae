package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which id a record gets. With a field's name: that field, which stays part of the document unless it is {@code _id}; a record
 * without it is refused. Without: {@code _id}, and a generated one where that is absent.
 */
final class IdRule {
    /** The name under which an exported document carries its id. */
    static final String ID = "_id";

    private final String field;
    private final @Nullable Supplier<String> generator;

    private IdRule(String field, @Nullable Supplier<String> generator) {
        this.field = field;
        this.generator = generator;
    }

    static IdRule named(String field) {
        return new IdRule(field, null);
    }

    static IdRule standard(Supplier<String> generator) {
        return new IdRule(ID, generator);
    }

    String field() {
        return field;
    }

    /** Whether the field stays in the document. */
    boolean keeps() {
        return !field.equals(ID);
    }

    /**
     * Determines the id of a record.
     *
     * @param found the field's text, null if the record has no such field
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if there has to be one, or it is empty and not an exported document's {@code _id}
     */
    String id(@Nullable String found) {
        if (found == null && generator != null) {
            return generator.get();
        }
        if (found == null) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, "the record has no field \"" + field + "\" to be its id");
        }
        if (found.isEmpty() && keeps()) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT,
                    "the record has an empty field \"" + field + "\", which cannot be its id");
        }
        return found;
    }
}
