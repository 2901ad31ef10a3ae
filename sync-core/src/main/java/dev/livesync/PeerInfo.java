package dev.livesync;

import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.grant.Rights;
import java.util.Optional;
import java.util.Set;

/**
 * Who is at the other end of a session, and how that is known. It does not change.
 *
 * <p>Any thread. LiveSync implements this, and a later version may tell more: programs only read it.
 */
public interface PeerInfo {
    /** What makes a peer the right one. */
    enum Authentication {
        /**
         * Only the signals that people carried: whoever they led to holds the channel. All that there is with an alpha,
         * whose channel its DTLS fingerprints protect.
         */
        SIGNALLING,
        /**
         * Both ends proved that they know the secret, and every message is sealed for the other end: encrypted by the session itself, whatever
         * carries it.
         */
        SEALED,
        /** Both ends proved that they know the secret, on this very connection, which the transport encrypts between the two. */
        BOUND
    }

    /**
     * Where the peer is, for people.
     *
     * @return an address or a name, without secrets; of an alpha it says that it has proved nothing
     */
    String remote();

    /**
     * What the transport itself has authenticated.
     *
     * @return empty where the transport has no identities
     */
    Optional<PeerIdentity> identity();

    /**
     * What the session relies on.
     *
     * @return how the peer was authenticated
     */
    Authentication authentication();

    /**
     * The grant that the peer was let in with.
     *
     * @return its name; empty where the peer was dialled, or has the secret of an offer or of the listening address itself
     */
    Optional<String> grant();

    /**
     * What the peer may do here. What this side may do at the peer is {@link Session#rights}.
     *
     * @return its grant's rights; {@link Rights#READ_WRITE} where it has none, and then it may erase, too
     */
    Rights rights();

    /**
     * What both ends agreed on, by the names of the protocol.
     *
     * @return immutable; empty for an alpha
     */
    Set<String> features();

    /**
     * The name under which the peer is announced in a {@linkplain Sync#mesh mesh}.
     *
     * @return its own word for it, said by somebody who has proved the secret; empty if it is in none
     */
    Optional<String> meshName();

    /**
     * By which the peer's database is remembered, from one session to the next and under whatever address: the
     * database's history names the peer so ({@code History.peers()}).
     *
     * @return 16 hexadecimal digits, its own word for it, said by somebody who has proved the secret; empty if it has said none, as
     *     who dials or has accepted an offer doesn't
     */
    Optional<String> database();

    /**
     * Whether the peer is an alpha, which can neither prove nor acknowledge anything.
     *
     * @return true if it announced nothing of ours
     */
    boolean isAlpha();
}
