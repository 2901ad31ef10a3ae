package dev.livesync;

import dev.livesync.api.ErrorKind;
import java.util.concurrent.CompletionStage;

/**
 * An accepted offer, whose answer waits to be carried back.
 *
 * <p>Any thread.
 */
public interface Acceptance extends AutoCloseable {
    /**
     * What the proposer connects. Holds a secret: carry it over a path you trust.
     *
     * @return one line of base64
     */
    String answer();

    /**
     * The session that comes of it.
     *
     * @return the same stage every time; completes with the session once the proposer has connected. Fails with {@link
     *     ErrorKind#TIMEOUT} when the offer's lifetime is over, {@link ErrorKind#AUTHENTICATION} if the proposer does not prove
     *     that it has the answer, {@link ErrorKind#NOT_FOUND} if the offer was used with another answer, withdrawn or is too old,
     *     {@link ErrorKind#REFUSED} if too many have accepted it, {@link ErrorKind#DISCONNECTED}, or {@link ErrorKind#CANCELLED} after {@link #close}.
     *     Cancelling it closes this
     */
    CompletionStage<Session> session();

    /** Takes the answer back. A session that came of it lives on. Idempotent; never blocks. */
    @Override
    void close();
}
