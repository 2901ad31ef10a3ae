package dev.livesync.core.protocol;

/**
 * A session's shares of the memory that all sessions share. Receiving and sending have budgets of their own, so that two peers that wait
 * for room to send can still receive from each other.
 *
 * @param in for what has arrived, or may arrive because it was granted; made by {@link #promise} where a handshake granted something
 * @param out for the message that is being sent
 */
public record Memory(Budget.Share in, Budget.Share out) implements AutoCloseable {
    /**
     * Takes what a handshake grants, before it says so: several that are under way at once are not granted the same memory.
     *
     * @param arriving what all sessions share
     * @param window no more than this, in bytes
     * @return a share for the session that comes of the handshake; the caller closes it
     */
    public static Budget.Share promise(Budget arriving, long window) {
        return arriving.promise(Window.OWN, window);
    }

    /**
     * What a peer for which this was promised may send at once.
     *
     * @param promised before the session has begun
     * @param window no more than this, in bytes
     * @return bytes; some, however many sessions there are
     */
    public static long granted(Budget.Share promised, long window) {
        return Math.min(window, Window.OWN + promised.held());
    }

    /** Shares that always get what they need. */
    static Memory unlimited(ProtocolLimits limits) {
        return new Memory(
                promise(Budget.unlimited(), limits.window()), Budget.unlimited().share(() -> {}));
    }

    /** Gives everything back. */
    @Override
    public void close() {
        in.close();
        out.close();
    }
}
