package dev.livesync.grant;

import java.util.Optional;

/**
 * The application's own say on what peers write, document by document. It is asked about each incoming change before that is stored; if it
 * refuses one, nothing of the section that the change came in is stored, the peer is told REFUSED with the document's id, and the session goes
 * on. What was written on top of a refused change is refused with it.
 *
 * <p>Several threads at once, on the executor of the {@code Sync}; it may read the database and wait for it. Between its answer and the
 * commit others may write. If it throws, nothing is stored and the session ends.
 */
@FunctionalInterface
public interface Authorizer {
    /**
     * Judges a change.
     *
     * @param write who wants to write what
     * @return why it is refused, which the peer is told; empty to allow it
     */
    Optional<String> refusal(DocumentWrite write);
}
