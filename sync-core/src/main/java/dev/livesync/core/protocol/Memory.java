package dev.livesync.core.protocol;

/**
 * A session's shares of the memory that all sessions share. Receiving and sending have budgets of their own, so that two peers that wait
 * for room to send can still receive from each other.
 *
 * @param in for what has arrived, or may arrive because it was granted
 * @param out for the message that is being sent
 * @param firstGrant what our handshake granted, in bytes; used where credits are
 */
public record Memory(Budget.Share in, Budget.Share out, long firstGrant) implements AutoCloseable {
    /** Shares that always get what they need. */
    static Memory unlimited(ProtocolLimits limits) {
        return new Memory(Budget.unlimited().share(() -> {}), Budget.unlimited().share(() -> {}), limits.window());
    }

    /** Gives everything back. */
    @Override
    public void close() {
        in.close();
        out.close();
    }
}
