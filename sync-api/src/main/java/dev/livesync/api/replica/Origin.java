package dev.livesync.api.replica;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a commit came from. The feed repeats it, so that a session does not send changes back to where it got them.
 *
 * @param session one connection: unique among all sessions of all processes on the store; {@link #LOCAL}'s is empty
 * @param peer whose quota pending events count against: the same for all sessions with one peer; {@link #LOCAL}'s is
 *     empty, which is no peer: a replica need not have a quota for it
 */
public record Origin(String session, String peer) {
    /** The database's own user. */
    public static final Origin LOCAL = new Origin("", "");

    /** Refuses nulls. */
    public Origin {
        Objects.requireNonNull(session, "session");
        Objects.requireNonNull(peer, "peer");
    }

    /** By hand: what the compiler makes for records prepares itself at run time, which each process that opens a database would pay for. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Origin origin && session.equals(origin.session) && peer.equals(origin.peer);
    }

    @Override
    public int hashCode() {
        return 31 * session.hashCode() + peer.hashCode();
    }
}
