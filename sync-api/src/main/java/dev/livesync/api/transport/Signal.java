package dev.livesync.api.transport;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one side of an exchange tells the other: the transport's part of an offer or an answer. The core writes it as JSON
 * between fields of its own.
 *
 * <p>Immutable; any thread. Whoever receives one must treat every field as written by a stranger.
 *
 * @param kind whether it opens or completes an exchange
 * @param fields names and texts in their order; a name is 1 to 64 characters and never {@code type} or {@code livesync},
 *     which the core writes
 */
public record Signal(Kind kind, Map<String, String> fields) {
    /** Which half of the exchange. */
    public enum Kind {
        /** From the proposer. */
        OFFER,
        /** From the acceptor. */
        ANSWER
    }

    /**
     * Copies the fields.
     *
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} for a name that is too long, empty or the core's
     */
    public Signal {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        for (String name : fields.keySet()) {
            if (name.isEmpty() || name.length() > 64 || name.equals("type") || name.equals("livesync")) {
                throw new SyncException(
                        ErrorKind.INVALID_ARGUMENT, "a signal cannot have a field of that name: " + name);
            }
        }
    }

    /**
     * Looks up one field.
     *
     * @param name its name
     * @return its text, or null if the signal has none of that name
     */
    public @Nullable String field(String name) {
        return fields.get(name);
    }
}
