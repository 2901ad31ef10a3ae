package dev.livesync;

import dev.livesync.api.ErrorKind;
import java.util.concurrent.CompletableFuture;

/**
 * The answer to an accepted offer, which waits to be carried back and connected. It ends when a session has come of it, when it is
 * closed, or when its lifetime is over.
 *
 * <p>Any thread.
 */
public interface OpenAnswer extends AutoCloseable {
    /**
     * The answer's text, which the offer's author connects. It holds a secret: carry it over a path you trust.
     *
     * @return one line of base64
     */
    String text();

    /**
     * The session that comes of it.
     *
     * @return a new future, which completes with the session once the offer's author has connected the answer. Fails with {@link
     *     ErrorKind#TIMEOUT} when the offer's lifetime is over, {@link ErrorKind#AUTHENTICATION} if the author does not prove
     *     to have the answer, {@link ErrorKind#NOT_FOUND} if the offer was used with another answer, withdrawn or is too old,
     *     {@link ErrorKind#REFUSED} if too many have accepted it, {@link ErrorKind#DISCONNECTED}, or {@link ErrorKind#CANCELLED} after {@link #close}.
     *     Cancelling it cancels nothing else
     */
    CompletableFuture<Session> session();

    /** Takes the answer back. A session that came of it lives on. Idempotent; never blocks. */
    @Override
    void close();
}
