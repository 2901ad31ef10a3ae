package dev.livesync.database.versions;

import dev.livesync.api.Cid;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How much of a {@link History} a peer is known to have. What a peer has acknowledged or stated counts, so it is durable there as far as its word goes; it may have more.
 * Only peers that were dialled, or
 * whose offers were accepted here, say which database they are. An alpha says nothing of the kind and isn't told, nor is a peer that may not read, or one whose clock had more than 8 heads whenever it stated it.
 *
 * <p>Any thread; it does not change. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface KnownPeer {
    /**
     * Which database it is, under whatever address.
     *
     * @return 16 hexadecimal digits; the same as {@code PeerInfo.database()} of its sessions
     */
    String database();

    /**
     * What it was called when it was met last, for people.
     *
     * @return the name of its grant or in its mesh, or its address without secrets; empty if that isn't known
     */
    String name();

    /**
     * When it was learnt that it has this much.
     *
     * @return by the clock of this machine; empty if that isn't known
     */
    Optional<Instant> since();

    /**
     * The newest events that it is known to have: it has these and all before them.
     *
     * @return in text order; immutable; empty if none of what it had is here any more
     */
    List<Cid> clock();

    /**
     * Whether it is known to have an event. The first call goes through what it isn't known to have.
     *
     * @param event an event of the history
     * @return false if it may lack it, or if the history has no such event
     */
    boolean has(Cid event);

    /**
     * How much it may lack.
     *
     * @return how many events of the history it isn't known to have
     */
    long lacks();
}
