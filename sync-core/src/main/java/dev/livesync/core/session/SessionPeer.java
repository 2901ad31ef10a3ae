package dev.livesync.core.session;

import dev.livesync.PeerInfo;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.grant.Rights;
import java.util.Optional;
import java.util.Set;

/** The known facts about a peer. The components are those of {@link PeerInfo}. */
record SessionPeer(
        String remote,
        Optional<PeerIdentity> identity,
        Authentication authentication,
        Optional<String> grant,
        Rights rights,
        Set<String> features,
        Optional<String> meshName,
        Optional<String> database)
        implements PeerInfo {
    SessionPeer {
        features = Set.copyOf(features);
    }

    @Override
    public boolean isAlpha() {
        return authentication == Authentication.SIGNALLING;
    }
}
