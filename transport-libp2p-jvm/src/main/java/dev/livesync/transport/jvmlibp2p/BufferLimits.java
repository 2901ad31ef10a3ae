package dev.livesync.transport.jvmlibp2p;

/** How much is held, in bytes; as {@code transport-libp2p} has it unless told otherwise. */
final class BufferLimits {
    /** The largest message, before the context's own limit. */
    static final int MESSAGE = 1024 * 1024;
    /** A send completes when no more than this waits. With a message on top it stays far below what the library resets at. */
    static final int SEND_BUFFER = 512 * 1024;
    /** Decoding stops when so much has been decoded that was not requested yet. */
    static final int RECEIVE_BUFFER = 256 * 1024;
    /** What the library lets a peer send, and for as long as we keep a window update, twice that: it updates early. */
    static final int UNDECODED = 2 * 256 * 1024;
    /** Connections of one listener at a time. */
    static final int CONNECTIONS = 256;

    private BufferLimits() {}
}
