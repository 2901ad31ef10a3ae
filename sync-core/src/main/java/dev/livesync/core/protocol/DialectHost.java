package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Replica;
import java.util.List;

/** What a {@link Dialect} sees of the session that speaks it. */
public interface DialectHost {
    /**
     * About the session.
     *
     * @return the same each time
     */
    ProtocolConfig config();

    /**
     * What is synchronised.
     *
     * @return read only
     */
    Replica replica();

    /**
     * The time of the call that is under way.
     *
     * @return nanoseconds
     */
    long now();

    /**
     * Where the dialect sets its clocks.
     *
     * @return the session's
     */
    Deadlines deadlines();

    /**
     * Whether something of the peer's waits for its commit.
     *
     * @return true until that is durable
     */
    boolean isStoring();

    /**
     * Whether the peer's diff has come.
     *
     * @return true from then on
     */
    boolean hasTheirDiff();

    /**
     * Stores an event that was made here for the peer.
     *
     * @param event complete with what is here
     */
    void keep(Event event);

    /**
     * Tells of an event whose tree is not what the events say.
     *
     * @param event whose tree it is
     * @param ids documents that differ, as in {@link Effects#treeMismatch}
     */
    void mismatch(Cid event, List<String> ids);
}
