package dev.livesync.core.message;

import dev.livesync.api.transport.Message;

/** How a session writes its messages. Stateless. */
public interface WireEncoding {
    /**
     * Writes a control message.
     *
     * @param message one that is no {@linkplain WireMessage#isData() data}, no {@link WireMessage.Begin} and no {@link WireMessage.Unknown}
     * @return the message
     */
    Message control(WireMessage message);

    /**
     * Announces a message in pieces.
     *
     * @param kind of the whole
     * @param bytes of the whole
     * @return the message
     */
    Message begin(Message.Kind kind, long bytes);

    /**
     * What each piece begins with, so that it is told from other messages.
     *
     * @return one byte or none; a new array
     */
    byte[] pieceMark();

    /**
     * Whether acks may be held back for a moment, and asked for by whoever waits for one.
     *
     * @return false where there is no {@link WireMessage.WantAck}
     */
    boolean mergesAcks();

    /**
     * Whether a peer can be asked to go elsewhere.
     *
     * @return false where there is no {@link WireMessage.GoAway}
     */
    boolean knowsGoAway();

    /**
     * The end of an answer.
     *
     * @return a message that has written nothing yet
     */
    OutgoingMessage ok();

    /**
     * Whether an ack lists the heads one by one.
     *
     * @param heads how many
     * @param maxBytes what the channel carries
     * @return false if it has their digest
     */
    boolean namesHeads(int heads, int maxBytes);
}
