package dev.livesync.core.connect;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.PeerIdentity;
import java.util.Arrays;

/** What a dial without a secret goes by: the transport has authenticated whom the address names, on a channel that is encrypted and bound. */
final class IdentityProof {
    private IdentityProof() {}

    /**
     * Fails if a channel doesn't say for itself that it leads to whom the address names.
     *
     * @throws SyncException {@link ErrorKind#CONFIGURATION}: a secret is needed
     */
    static void require(String address, Channel channel) {
        PeerIdentity peer = channel.peer().orElse(null);
        boolean named = peer != null && Arrays.asList(address.split("[/:]", -1)).contains(peer.name());
        if (!named || channel.binding().isEmpty()) {
            throw noSecret(address);
        }
    }

    static SyncException noSecret(String address) {
        return new SyncException(
                ErrorKind.CONFIGURATION,
                "there is no secret for " + address
                        + "; append it to the address after a #, or give it apart. Without one go addresses that name the peer, such as"
                        + " libp2p's with /p2p/ and its id, to a listener that has a grant for yours");
    }

    static SyncException notBound(String remote) {
        return new SyncException(
                ErrorKind.AUTHENTICATION,
                "the channel with " + remote + " does not look the same from both ends, and no secret was given");
    }
}
