package dev.livesync.core.protocol;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/**
 * The credit that we grant. What a peer sent counts against its window until it is durable here, or, while its message is
 * unfinished, until it was absorbed: otherwise a message larger than the window could never be finished. A grant is never
 * taken back, so the next grant waits until the finished message is durable, however large it was: at most a window and one
 * message are here.
 *
 * <p>What was granted and is not durable yet may be here at any time, and is taken from the memory that all sessions share; a little of it
 * is every session's own, so that small changes never wait.
 */
final class Window {
    /** The bytes that a session may use beside the budget. */
    static final long OWN = 64 << 10;

    /** The bytes that a stalled message gets at a time when memory is short. */
    private static final long STEP = 256 << 10;

    private final long size;
    private final long own;
    private final Budget.Share memory;
    private long received;
    private long held;
    private long partial;
    private long missing;
    private long granted;
    private long told;
    private long covered;

    /**
     * Creates a window.
     *
     * @param size in bytes; what is granted ahead where there is memory for it
     * @param pieces whether messages come in pieces; where they don't, a grant may be far too small for one, and is not taken from the memory
     * @param memory has what the handshake promised
     */
    Window(long size, boolean pieces, Budget.Share memory) {
        this.size = size;
        this.memory = memory;
        granted = Memory.granted(memory, size);
        told = granted;
        own = pieces ? Math.min(OWN, granted) : granted;
        covered = granted - own;
        memory.release(memory.held() - covered);
    }

    /** Counts data that arrived. Data that waits is reported by {@link #hold} before {@link #absorbed}. */
    void received(int bytes) {
        if (bytes > granted - received) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "the peer sent " + (received + bytes) + " bytes of data and was granted " + granted);
        }
        received += bytes;
    }

    /**
     * Called when what arrived has been read; grants credit for what doesn't wait.
     *
     * @param unfinished how much of it is part of a message that is not whole
     * @param rest how much of that message is still to come
     */
    void absorbed(long unfinished, long rest) {
        partial = unfinished;
        missing = rest;
        grow();
    }

    /** Counts a whole message that waits. */
    void hold(long bytes) {
        held += bytes;
    }

    /** Counts a message that no longer waits. */
    void release(long bytes) {
        held -= bytes;
        grow();
    }

    /** Called when there may be memory again. */
    void retry() {
        grow();
    }

    private void grow() {
        long durable = received - held - partial;
        // First back to the others what is not needed any more: it may be their turn.
        long needed = Math.max(0, granted - durable - own);
        if (covered > needed) {
            long spared = covered - needed;
            covered = needed;
            memory.release(spared);
        }
        long wanted = received - held + size - granted;
        if (wanted > 0) {
            long spare = Math.max(0, durable + own + covered - granted);
            if (wanted > spare) {
                // As long as the peer has something to go on with, only what can be spared; and no more than its
                // message needs, because a
                // grant that it makes no use of is not given back.
                boolean stopped = granted == received && spare == 0;
                long least = stopped ? Math.min(missing, STEP) : 0;
                covered += memory.take(least, Math.max(least, wanted - spare));
                spare = Math.max(0, durable + own + covered - granted);
            }
            granted += Math.min(wanted, spare);
        }
        if (granted > received || wanted <= 0) {
            memory.leave();
        }
    }

    /** Whether the grant has grown enough to be sent. */
    boolean due() {
        return granted - told >= Math.max(1, size / 4) || granted > told && received >= told;
    }

    /** Takes the grant, which counts as sent. */
    long tell() {
        told = granted;
        return granted;
    }
}
