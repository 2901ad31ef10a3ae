package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Replica;
import java.util.List;

/** What a {@link Dialect} sees of its session. */
public interface DialectHost {
    /**
     * The session's configuration.
     *
     * @return the same each time
     */
    ProtocolConfig config();

    /**
     * The replica that is synchronised.
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
     * The session's deadlines, in which the dialect sets its own.
     *
     * @return the session's
     */
    Deadlines deadlines();

    /**
     * Whether something from the peer waits for its commit.
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
     * Called when what is about to be sent states our clock.
     *
     * @param heads of the clock
     * @param all whether the peer can follow the clock from there: each head is named, or a digest of them
     */
    void statesClock(List<Cid> heads, boolean all);

    /**
     * Whether the peer has sent an event in this session, so that it need not be told of it.
     *
     * @param event its CID
     * @return false for events that were sent long ago, too
     */
    boolean hasSent(Cid event);

    /**
     * Stores an event that was made here for the peer.
     *
     * @param event complete with what is here
     */
    void keep(Event event);

    /**
     * Reports an event whose tree does not hold what the events say.
     *
     * @param event whose tree it is
     * @param ids documents that differ, as in {@link Effects#treeMismatch}
     */
    void mismatch(Cid event, List<String> ids);

    /**
     * Takes memory that all sessions share, for tables.
     *
     * @param bytes how many, more than 0
     * @return whether there was enough; nothing is taken if not
     */
    boolean claim(long bytes);

    /**
     * Counts memory that was taken already, to the end of the session.
     *
     * @param bytes how many more than before
     */
    void count(long bytes);

    /**
     * Gives back what was claimed. What is left at the end of the session is given back with that.
     *
     * @param bytes how many
     */
    void release(long bytes);
}
