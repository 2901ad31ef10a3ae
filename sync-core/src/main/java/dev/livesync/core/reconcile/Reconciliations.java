package dev.livesync.core.reconcile;

import dev.livesync.api.replica.Snapshot;

/** Begins reconciliations. Both ends of one need the same salt and attempt. */
public final class Reconciliations {
    /** The number of attempts that make sense; each assumes less than the one before, the last nothing. */
    public static final int ATTEMPTS = 3;

    /** The bytes of a salt. */
    public static final int SALT_BYTES = 16;

    private Reconciliations() {}

    /**
     * Begins the end that sends first.
     *
     * @param snapshot what is here; closed with the reconciliation
     * @param salt 16 bytes that both ends share and that nobody knew before, the same for all attempts; not kept
     * @param attempt 0 to {@link #ATTEMPTS} - 1
     * @param limits sizes
     * @return a reconciliation that has an opening to send
     */
    public static Reconciliation initiator(Snapshot snapshot, byte[] salt, int attempt, ReconcileLimits limits) {
        return new InitiatingEnd(snapshot, shortIds(salt, attempt), attempt, limits);
    }

    /**
     * Begins the end that answers.
     *
     * @param snapshot what is here; closed with the reconciliation
     * @param salt 16 bytes that both ends share and that nobody knew before, the same for all attempts; not kept
     * @param attempt 0 to {@link #ATTEMPTS} - 1
     * @param limits sizes
     * @return a reconciliation that waits for an opening
     */
    public static Reconciliation responder(Snapshot snapshot, byte[] salt, int attempt, ReconcileLimits limits) {
        return new AnsweringEnd(snapshot, shortIds(salt, attempt), attempt, limits);
    }

    private static ShortIds shortIds(byte[] salt, int attempt) {
        if (salt.length != SALT_BYTES || attempt < 0 || attempt >= ATTEMPTS) {
            throw new IllegalArgumentException("a salt of " + salt.length + " bytes, attempt " + attempt);
        }
        return new ShortIds(salt, attempt);
    }
}
