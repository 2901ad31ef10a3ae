package dev.livesync;

import dev.livesync.api.transport.PeerIdentity;
import java.util.Optional;
import java.util.Set;

/**
 * Who is at the other end of a session, and how that is known.
 *
 * @param remote where it is, for people: an address or a name, without secrets
 * @param identity what the transport itself has authenticated; empty where it has no identities
 * @param authentication what the session relies on
 * @param features what both ends agreed on, by the names of the protocol; empty for an alpha
 */
public record PeerInfo(
        String remote, Optional<PeerIdentity> identity, Authentication authentication, Set<String> features) {
    /** What makes a peer the right one. */
    public enum Authentication {
        /**
         * Only the signals that people carried: whoever they led to holds the channel. All that there is with an alpha,
         * whose channel its DTLS fingerprints protect.
         */
        SIGNALLING,
        /** Both ends proved that they know the secret. */
        SECRET,
        /** Both ends proved that they know the secret, on this very connection. */
        BOUND_SECRET
    }

    /** Copies the features. */
    public PeerInfo {
        features = Set.copyOf(features);
    }

    /**
     * Whether the peer is an alpha, which can neither prove nor acknowledge anything.
     *
     * @return true if it announced nothing of ours
     */
    public boolean isAlpha() {
        return authentication == Authentication.SIGNALLING;
    }
}
