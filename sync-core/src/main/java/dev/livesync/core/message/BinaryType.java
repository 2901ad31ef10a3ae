package dev.livesync.core.message;

/** The first byte of a binary message; {@code docs/protocol.md}, section 5. */
public final class BinaryType {
    /** How much may be sent. */
    public static final int CREDIT = 0x01;

    /** What is durable. */
    public static final int ACK = 0x02;

    /** Asks for a pong. */
    public static final int PING = 0x03;

    /** Answers a ping. */
    public static final int PONG = 0x04;

    /** The last message of an end. */
    public static final int BYE = 0x05;

    /** Why an end gives up. */
    public static final int ERROR = 0x06;

    /** What the reader may do. */
    public static final int RIGHTS = 0x07;

    /** What was not stored. */
    public static final int REFUSED = 0x08;

    /** A message in pieces follows. */
    public static final int BEGIN = 0x09;

    /** Asks the initiator to state again what it has. */
    public static final int AGAIN = 0x0a;

    /** Asks for an ack at once. */
    public static final int WANT_ACK = 0x0b;

    /** A piece of a message; data. */
    public static final int PIECE = 0x10;

    /** A message of the reconciliation; data. */
    public static final int RECONCILE = 0x11;

    /** The answer is complete; data. */
    public static final int OK = 0x12;

    /** Events; data. */
    public static final int PACK = 0x13;

    /** Asks for blocks that belong to no event; with {@link Feature#BLOCKS}, as are the next three. */
    public static final int WANT_BLOCKS = 0x30;

    /** Some of the blocks that were asked for aren't there. */
    public static final int ABSENT_BLOCKS = 0x31;

    /** Some of those have come. */
    public static final int HAVE_BLOCKS = 0x32;

    /** A block that was asked for; data. */
    public static final int BLOCK = 0x33;

    /** The first that is no data: from here on types that are ignored by whoever doesn't know them. */
    public static final int FREE = 0x20;

    /** What is shown for the moment. */
    public static final int PRESENCE = 0x21;

    /** Asks to end the session within a time and to dial again. */
    public static final int GO_AWAY = 0x22;

    /** The first that is no type. */
    public static final int END = 0x40;

    private BinaryType() {}
}
