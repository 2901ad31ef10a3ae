package dev.livesync.transport.jvmlibp2p;

/** The sizes of buffers, in bytes: the defaults of {@code transport-libp2p}. */
final class BufferLimits {
    /** The largest message, before the context's own limit. */
    static final int MESSAGE = 1024 * 1024;
    /** A send completes when no more than this waits. With a message on top it stays far below what the library resets at. */
    static final int SEND_BUFFER = 512 * 1024;
    /** Decoding stops when this much has been decoded that was not requested yet. */
    static final int RECEIVE_BUFFER = 256 * 1024;
    /** The library's window for a peer; twice that while we hold back a window update, since it updates early. */
    static final int UNDECODED = 2 * 256 * 1024;
    /** The most connections of one listener at a time. */
    static final int CONNECTIONS = 256;

    private BufferLimits() {}
}
