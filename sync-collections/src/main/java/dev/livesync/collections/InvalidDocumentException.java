package dev.livesync.collections;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A document that doesn't fit its type, or a value that a {@link Validator} refuses. Its kind is {@link ErrorKind#INVALID_ARGUMENT} where something was to be written,
 * and {@link ErrorKind#MALFORMED} where it was read.
 */
public final class InvalidDocumentException extends SyncException {
    private static final long serialVersionUID = 1L;

    /** What is wrong; not part of the serialized form. */
    private final transient List<FieldProblem> problems;

    InvalidDocumentException(ErrorKind kind, String id, List<FieldProblem> problems, @Nullable Throwable cause) {
        super(
                kind,
                "document " + id + ": "
                        + problems.stream().map(FieldProblem::toString).collect(Collectors.joining("; ")),
                cause);
        this.problems = List.copyOf(problems);
    }

    /**
     * What is wrong.
     *
     * @return one or more; immutable
     */
    public List<FieldProblem> problems() {
        return problems;
    }
}
