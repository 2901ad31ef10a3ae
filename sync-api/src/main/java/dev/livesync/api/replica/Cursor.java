package dev.livesync.api.replica;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/**
 * A place in a replica's feed of changes. Opaque: only the replica that made it can read it, and it outlives the process
 * where the replica's store does.
 *
 * @param token what the replica wrote, 1 to 200 printable ASCII characters
 */
public record Cursor(String token) {
    /**
     * Checks the form, not the meaning.
     *
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if the token is not printable ASCII of that length
     */
    public Cursor {
        if (token.isEmpty() || token.length() > 200 || token.chars().anyMatch(c -> c < 0x21 || c > 0x7e)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a cursor is 1 to 200 printable ASCII characters");
        }
    }
}
