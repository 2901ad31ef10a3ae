package dev.livesync;

import dev.livesync.api.ErrorKind;
import java.util.concurrent.CompletableFuture;

/**
 * An open offer. It ends when a session has come of it, when it is closed, or when its lifetime is over.
 *
 * <p>Any thread.
 */
public interface OpenOffer extends AutoCloseable {
    /**
     * The offer's text, which the other side accepts. It holds a secret: carry it over a path you trust.
     *
     * @return one line of base64
     */
    String text();

    /**
     * Completes the exchange. An answer that is refused leaves the offer open for the right one.
     *
     * @param answer what the other side's {@code accept} returned
     * @return completes with the session once both sides have proved their secrets. Fails with {@link ErrorKind#MALFORMED}
     *     for what is no answer to a LiveSync offer, {@link ErrorKind#NOT_FOUND} for the answer to another offer and once this one
     *     has ended, {@link ErrorKind#TIMEOUT} if whoever wrote the answer does not turn up, {@link ErrorKind#AUTHENTICATION}
     *     if the proof fails. Cancelling it leaves the offer open unless a session had begun
     */
    CompletableFuture<Session> connect(String answer);

    /** Withdraws the offer. A session that came of it lives on. Idempotent; never blocks. */
    @Override
    void close();
}
