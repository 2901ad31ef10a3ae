package dev.livesync.core.reconcile;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.Snapshot;
import java.util.List;
import java.util.OptionalInt;

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
     * @param memory asked for what tables take
     * @return a reconciliation that has an opening to send
     */
    public static Reconciliation initiator(
            Snapshot snapshot, byte[] salt, int attempt, ReconcileLimits limits, TableMemory memory) {
        return new InitiatingEnd(
                snapshot, shortIds(salt, attempt), OpeningMessage.choose(snapshot, attempt), limits, memory);
    }

    /**
     * Begins the end that sends first, with a clock that the peer had some time ago: the first attempt, in fewer bytes.
     *
     * @param snapshot what is here; closed with the reconciliation
     * @param salt as for the others
     * @param remembered the clock's heads, at most {@link PeerFrontiers#MOST_HEADS}, each complete here and none interior
     * @param limits sizes
     * @param memory asked for what tables take
     * @return a reconciliation that has an opening to send
     */
    public static Reconciliation initiator(
            Snapshot snapshot, byte[] salt, List<Cid> remembered, ReconcileLimits limits, TableMemory memory) {
        return new InitiatingEnd(
                snapshot, shortIds(salt, 0), OpeningMessage.remember(snapshot, remembered), limits, memory);
    }

    /**
     * Begins the end that answers.
     *
     * @param snapshot what is here; closed with the reconciliation
     * @param salt 16 bytes that both ends share and that nobody knew before, the same for all attempts; not kept
     * @param attempt 0 to {@link #ATTEMPTS} - 1
     * @param limits sizes
     * @param memory asked for what tables take
     * @return a reconciliation that waits for an opening
     */
    public static Reconciliation responder(
            Snapshot snapshot, byte[] salt, int attempt, ReconcileLimits limits, TableMemory memory) {
        return new AnsweringEnd(snapshot, shortIds(salt, attempt), attempt, limits, memory);
    }

    /**
     * The attempt that an opening begins.
     *
     * @param message of a peer's
     * @return its number; empty if the message is no opening
     * @throws SyncException {@link ErrorKind#MALFORMED} if there is no such attempt
     */
    public static OptionalInt attempt(byte[] message) {
        if (message.length < 2 || message[0] != MessageType.OPENING) {
            return OptionalInt.empty();
        }
        int attempt = message[1] & 0xff;
        if (attempt >= ATTEMPTS) {
            throw new SyncException(ErrorKind.MALFORMED, "a reconciliation begins with attempt " + attempt);
        }
        return OptionalInt.of(attempt);
    }

    private static ShortIds shortIds(byte[] salt, int attempt) {
        if (salt.length != SALT_BYTES || attempt < 0 || attempt >= ATTEMPTS) {
            throw new IllegalArgumentException("a salt of " + salt.length + " bytes, attempt " + attempt);
        }
        return new ShortIds(salt, attempt);
    }
}
