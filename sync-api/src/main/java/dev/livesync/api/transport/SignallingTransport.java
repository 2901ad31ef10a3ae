package dev.livesync.api.transport;

import dev.livesync.api.ErrorKind;
import java.util.concurrent.CompletionStage;

/**
 * The shape of transports that need an offer and an answer carried by somebody else before they can connect, such as
 * WebRTC. The core adds its own fields to the signals, writes them as text, and hands back what it read.
 *
 * <p>Methods return at once and complete on any thread; failures are {@link dev.livesync.api.SyncException}. Cancelling a
 * returned stage's future, where it is one, abandons the attempt and leaves nothing open.
 */
public non-sealed interface SignallingTransport extends Transport {
    /**
     * Makes an offer.
     *
     * @return completes with an offer that holds all the peer needs (nothing trickles)
     */
    CompletionStage<Offer> offer();

    /**
     * Answers an offer.
     *
     * @param offer what the proposer's transport wrote; not trusted
     * @return completes with the answer. Fails with {@link ErrorKind#MALFORMED} if the offer is none of this transport's
     */
    CompletionStage<Answer> accept(Signal offer);

    /** The proposer's half of an exchange. Any thread. */
    interface Offer extends AutoCloseable {
        /**
         * What the acceptor needs.
         *
         * @return the signal
         */
        Signal signal();

        /**
         * Completes the exchange. An answer refused as {@link ErrorKind#MALFORMED} leaves the offer as it was, so that the
         * right one can still come; every other outcome, success included, uses the offer up.
         *
         * @param answer what the acceptor's transport wrote; not trusted
         * @return completes with the open channel. Fails with {@link ErrorKind#MALFORMED} if the answer does not fit the
         *     offer, {@link ErrorKind#UNREACHABLE} or {@link ErrorKind#TIMEOUT} if no path was found, {@link
         *     ErrorKind#INVALID_ARGUMENT} if an answer is in use already, {@link ErrorKind#CLOSED} after {@link #close}
         */
        CompletionStage<Channel> connect(Signal answer);

        /** Abandons the exchange unless its channel is open already. Idempotent, bounded. */
        @Override
        void close();
    }

    /** The acceptor's half of an exchange. Any thread. */
    interface Answer extends AutoCloseable {
        /**
         * What the proposer needs.
         *
         * @return the signal
         */
        Signal signal();

        /**
         * The channel, once the proposer has connected: pending for as long as nobody does, {@link
         * TransportContext#connectTimeout} or not.
         *
         * @return completes with the open channel; fails with {@link ErrorKind#UNREACHABLE}, {@link ErrorKind#TIMEOUT}, or
         *     {@link ErrorKind#CANCELLED} after {@link #close}
         */
        CompletionStage<Channel> channel();

        /** Abandons the exchange unless its channel is open already. Idempotent, bounded. */
        @Override
        void close();
    }
}
