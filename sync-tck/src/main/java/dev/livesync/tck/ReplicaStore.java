package dev.livesync.tck;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Replicated;
import java.util.Set;

/**
 * The place where a replica keeps what it stores, as the kit handles it: opened, closed, opened again, and broken on purpose where that is
 * possible. What an implementer writes for {@link ReplicaTck}.
 *
 * <p>The kit uses a store from one thread at a time and calls {@link #open} and {@link #close} in turn. Every method may throw; the
 * test fails then.
 */
public interface ReplicaStore {
    /**
     * Opens the replica: empty the first time, and with everything that was committed before if the store has {@link
     * StoreFeature#RESTART}.
     *
     * @return the database, whose {@link Replicated#replica} is tested
     * @throws Exception if it cannot be opened; the test fails
     */
    Replicated open() throws Exception;

    /**
     * Closes the replica that {@link #open} returned, in order. Does nothing if it is closed already.
     *
     * @throws Exception if it cannot be closed; the test fails
     */
    void close() throws Exception;

    /**
     * How much the replica keeps of one peer's pending events, as it was opened. The smaller, the faster the kit: it sends several
     * times that much.
     *
     * @return bytes of events' blocks, 64 KiB or more; 1 MiB is a good choice. A replica that counts something besides for each event
     *     still says this number
     */
    long pendingBytesPerPeer();

    /**
     * What of the following works.
     *
     * @return the features; none unless overridden
     */
    default Set<StoreFeature> features() {
        return Set.of();
    }

    /**
     * Ends the open replica as a crash does: at once, with nothing written or flushed any more. Of what was not yet durable the store may
     * lose all or any part; the harder it tries, the more the kit finds. The next call is {@link #open}. Needs {@link
     * StoreFeature#CRASH}.
     *
     * @throws Exception if that fails; the test fails
     */
    default void crash() throws Exception {
        throw new UnsupportedOperationException("this store claims CRASH without the method");
    }

    /**
     * Has all writes fail from now on, or work again. Needs {@link StoreFeature#FAILING_WRITES}.
     *
     * @param failing whether they fail
     * @throws Exception if that fails; the test fails
     */
    default void failWrites(boolean failing) throws Exception {
        throw new UnsupportedOperationException("this store claims FAILING_WRITES without the method");
    }

    /**
     * Changes at least one byte of a stored block where it is stored, so that the open replica's next read gets the changed bytes. Needs
     * {@link StoreFeature#DAMAGE}.
     *
     * @param block a stored block
     * @throws Exception if that fails; the test fails
     */
    default void damage(Cid block) throws Exception {
        throw new UnsupportedOperationException("this store claims DAMAGE without the method");
    }

    /**
     * Has the feed forget everything up to now, so that every cursor that was given out so far, but one at the feed's very end, has
     * expired. Needs {@link StoreFeature#EXPIRING_CURSORS}.
     *
     * @throws Exception if that fails; the test fails
     */
    default void expireCursors() throws Exception {
        throw new UnsupportedOperationException("this store claims EXPIRING_CURSORS without the method");
    }
}
