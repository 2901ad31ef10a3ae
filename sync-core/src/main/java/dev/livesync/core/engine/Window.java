package dev.livesync.core.engine;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/**
 * The credit that we grant. What a peer sent counts against its window until it is durable here, or, while its message is
 * unfinished, until it was absorbed: otherwise a message larger than the window could never be finished. A grant is never
 * taken back, so the next grant waits until the finished message is durable, however large it was: at most a window and one
 * message are here.
 */
final class Window {
    private final long size;
    private long received;
    private long held;
    private long granted;
    private long told;

    /**
     * A window.
     *
     * @param size in bytes; also the first grant, which the hello told
     */
    Window(long size) {
        this.size = size;
        granted = size;
        told = size;
    }

    /** Data arrived. What becomes of it is to be said, by {@link #hold} or not at all, before {@link #absorbed}. */
    void received(int bytes) {
        if (bytes > granted - received) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "the peer sent " + (received + bytes) + " bytes of data and was granted " + granted);
        }
        received += bytes;
    }

    /** What arrived was taken in; grants for what does not wait. */
    void absorbed() {
        grow();
    }

    /** A message of that many bytes is whole, and waits. */
    void hold(long bytes) {
        held += bytes;
    }

    /** It does not wait any more. */
    void release(long bytes) {
        held -= bytes;
        grow();
    }

    private void grow() {
        granted = Math.max(granted, received - held + size);
    }

    /** Whether a grant is worth telling. */
    boolean due() {
        return granted - told >= Math.max(1, size / 4);
    }

    /** The grant, which counts as told. */
    long tell() {
        told = granted;
        return granted;
    }
}
