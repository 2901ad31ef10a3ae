package dev.livesync.core.multiplex;

/** The limits of shared connections, which both ends know. {@code docs/limits.md} has them with their reasons. */
final class MuxLimits {
    /** The largest frame: short enough that a database waits little for another's, long enough that its head costs little. */
    static final int FRAME_BYTES = 32 << 10;

    /** The largest message of a channel; as much as a plain channel has to carry. */
    static final int MESSAGE_BYTES = 256 << 10;

    /** What a frame of data counts beyond its bytes, so that empty ones are bounded too. */
    static final int FRAME_COST = 32;

    /** So many bytes may come before the first message was read. A whole message fits, in pieces of 1,000 bytes, and what is granted late. */
    static final int FIRST_WINDOW = 320 << 10;

    /** So many may be under way to a reader that reads. */
    static final int WINDOW = 1 << 20;

    /** No sender may hold more than this, whatever it is granted. */
    static final long MOST_CREDIT = 1L << 40;

    /** Channels of one connection, those that one end has closed and the other not yet among them. */
    static final int CHANNELS = 128;

    /** How many channels a connection has in its life. */
    static final long CHANNEL_NUMBERS = 1L << 30;

    /** A piece that does not end a message is no shorter, unless the network's messages are. */
    static final int LEAST_PIECE = 512;

    private MuxLimits() {}

    static int cost(int bytes) {
        return bytes + FRAME_COST;
    }
}
