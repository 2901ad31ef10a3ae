package dev.livesync.core.protocol;

import dev.livesync.api.transport.Message;
import dev.livesync.core.message.WireMessage;

/**
 * Reads channel messages: tells data from control, assembles pieces as they come, and enforces the rules of framing and credit. Every failure
 * is the peer's and is thrown as a {@link dev.livesync.api.SyncException}.
 */
interface Receiver {
    /** Takes what was read. */
    interface Handler {
        /**
         * Called with each message without events.
         *
         * @param message what it says
         * @param bytes its size, which a diff is counted with
         */
        void message(WireMessage message, long bytes);

        /**
         * Called with each whole CAR or pack.
         *
         * @param car its events and blocks
         */
        void car(ReceivedCar car);
    }

    void received(Message message);

    /** Whether a message in pieces has begun and isn't whole. */
    boolean inPieces();

    /** Whether that message says what the peer has. */
    boolean inTextPieces();

    /** The whole size of the message that is arriving in pieces. */
    long stated();

    /** How many bytes of an unfinished message have arrived. */
    long unfinished();

    /** How many bytes of that message are still to come. */
    long missing();

    /** Drops an unfinished message. */
    void drop();
}
