package dev.livesync.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one root of every failure that LiveSync reports.
 *
 * <p>The {@linkplain #getMessage() message} is one line written for a person: it names the peer, CID, offset or file it
 * is about and, where there is something to be done, says what. It never contains a secret or a document's content.
 * Programs decide by {@link #kind()}, not by the message.
 *
 * <p>Asynchronous results complete exceptionally with this type directly, never wrapped.
 */
public class SyncException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong. */
    private final ErrorKind kind;

    /**
     * Makes a failure with no underlying cause.
     *
     * @param kind what a program can act on
     * @param message one line for a person
     */
    public SyncException(ErrorKind kind, String message) {
        this(kind, message, null);
    }

    /**
     * Makes a failure with the exception that led to it.
     *
     * @param kind what a program can act on
     * @param message one line for a person
     * @param cause what was caught, or null
     */
    public SyncException(ErrorKind kind, String message, @Nullable Throwable cause) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.kind = Objects.requireNonNull(kind, "kind");
    }

    /**
     * What went wrong, as far as a program can act on it.
     *
     * @return the kind, never null
     */
    public ErrorKind kind() {
        return kind;
    }
}
