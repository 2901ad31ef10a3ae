package dev.livesync.database.order;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names a place in a document.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6901">RFC 6901, JSON Pointer</a>
 */
public final class JsonPointer {
    private final String text;
    private final List<String> tokens;

    private JsonPointer(String text, List<String> tokens) {
        this.text = text;
        this.tokens = tokens;
    }

    /**
     * Reads a pointer.
     *
     * @param text as the RFC writes it
     * @return the pointer
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if it is none
     */
    public static JsonPointer parse(String text) {
        if (text.isEmpty()) {
            return new JsonPointer(text, List.of());
        }
        if (text.charAt(0) != '/') {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, "a JSON pointer begins with a slash: \"/" + text + "\"?");
        }
        return new JsonPointer(
                text,
                Arrays.stream(text.substring(1).split("/", -1))
                        .map(JsonPointer::unescaped)
                        .toList());
    }

    private static String unescaped(String token) {
        int tilde = token.indexOf('~');
        while (tilde >= 0) {
            if (tilde + 1 == token.length() || token.charAt(tilde + 1) != '0' && token.charAt(tilde + 1) != '1') {
                throw new SyncException(
                        ErrorKind.INVALID_ARGUMENT, "in a JSON pointer ~ is written ~0, and / within a name ~1");
            }
            tilde = token.indexOf('~', tilde + 1);
        }
        return token.replace("~1", "/").replace("~0", "~");
    }

    /**
     * Finds the value.
     *
     * @param document where
     * @return null if there is none
     */
    public @Nullable Value find(Value document) {
        Value at = document;
        for (String token : tokens) {
            Value next = null;
            if (at instanceof Value.Mapping mapping) {
                next = mapping.entries().get(token);
            } else if (at instanceof Value.Sequence sequence) {
                next = item(sequence.items(), token);
            }
            if (next == null) {
                return null;
            }
            at = next;
        }
        return at;
    }

    private static @Nullable Value item(List<Value> items, String token) {
        if (token.isEmpty() || token.length() > 9 || token.charAt(0) == '0' && token.length() > 1) {
            return null;
        }
        int index = 0;
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if (c < '0' || c > '9') {
                return null;
            }
            index = 10 * index + c - '0';
        }
        return index < items.size() ? items.get(index) : null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JsonPointer pointer && text.equals(pointer.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As the RFC writes it. */
    @Override
    public String toString() {
        return text;
    }
}
