package dev.livesync.api.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.List;

/**
 * What a replica remembers of the replicas that it was in step with: of each, a clock that it had. The next session with it looks there first for what both have.
 *
 * <p>Only a hint, which a session checks against what the peer says it has: an old one, one of another copy or none costs bytes and never data.
 * So it may be lost, and need not be written at once.
 *
 * <p>Any thread. Nothing here blocks for long or throws what a disk causes.
 */
public interface PeerFrontiers {
    /** The most heads of a clock that is worth remembering. */
    int MOST_HEADS = 8;

    /**
     * By which number peers remember this replica.
     *
     * @return a random number that was drawn when the database was created
     */
    long instance();

    /**
     * The last clock that was remembered for a peer.
     *
     * @param instance the peer's
     * @return heads, perhaps of events that are not here any more; empty if none is known
     */
    List<Cid> frontier(long instance);

    /**
     * Remembers a clock in the place of the last one. The caller knows from the peer's acknowledgement that it holds it durably.
     *
     * @param instance the peer's
     * @param heads complete here, at most {@link #MOST_HEADS}
     */
    void remember(long instance, List<Cid> heads);

    /**
     * The same, and what people call the peer.
     *
     * @param instance the peer's
     * @param name without secrets; it may be a stranger's own word for it
     * @param heads as in {@link #remember(long, List)}
     */
    default void remember(long instance, String name, List<Cid> heads) {
        remember(instance, heads);
    }

    /**
     * All that are remembered, the one met last first.
     *
     * @return each once; empty where nobody keeps a list
     * @throws SyncException {@link ErrorKind#STORAGE} where the list is in a store that does not answer
     */
    default List<RememberedClock> all() {
        return List.of();
    }
}
