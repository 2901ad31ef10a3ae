package dev.livesync.transport.websocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** What carries bytes: a socket, plain or under TLS. On the loop's thread, unless it {@linkplain #isForAnyThread says} otherwise. */
interface Wire {
    /**
     * Moves a handshake of the wire's own on.
     *
     * @return whether there is nothing left to do
     */
    boolean advance() throws IOException;

    /**
     * Reads what is there.
     *
     * @param into an empty buffer of {@link Loop#READ_BYTES}
     * @return how many bytes; 0 if there are none now, -1 if there will be none any more
     */
    int read(ByteBuffer into) throws IOException;

    /** Whether reading makes sense now; if not, it says so later by asking to be {@linkplain #advance advanced}. */
    boolean canRead();

    /** Whether a {@link #read} may give something although the socket has nothing. */
    boolean hasInput();

    /** Whether the last {@link #read} has taken all that there was: another one is not worth asking the system for. */
    boolean isDrained();

    /** Whether any thread may {@link #write}, one at a time, while the loop's reads. */
    boolean isForAnyThread();

    /** An empty buffer to fill with as much as one {@link #write} can take; shared by the connections of a loop. */
    ByteBuffer output();

    /**
     * Writes.
     *
     * @return how many of the bytes were taken; 0 if the socket is full
     */
    int write(ByteBuffer bytes) throws IOException;

    /** Whether bytes that were taken wait for the socket. */
    boolean hasOutput();

    /** Tries to write out what was taken before. */
    void flush() throws IOException;

    /** Says to the other side that nothing more comes. */
    void shutdownOutput() throws IOException;

    /** Nobody will use it any more: what has not begun need not be done. */
    default void abandon() {}

    /** The hash of the server's certificate; empty without TLS. */
    Optional<byte[]> binding();
}
