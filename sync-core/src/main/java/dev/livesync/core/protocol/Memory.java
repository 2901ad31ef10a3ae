package dev.livesync.core.protocol;

/**
 * A session's parts of the memory that all sessions share. What arrives and what is sent have budgets of their own: two peers that wait for
 * each other's room to send must not keep each other from receiving.
 *
 * @param in for what has arrived, or may arrive because it was granted
 * @param out for the message that is being sent
 * @param firstGrant what our hello granted, in bytes; used where credits are
 */
public record Memory(Budget.Share in, Budget.Share out, long firstGrant) implements AutoCloseable {
    /** A session that always gets what it needs. */
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
