package dev.livesync.api.transport;

import java.util.Objects;

/**
 * A peer's identity, authenticated by the transport.
 *
 * @param scheme what kind of identity, such as {@code libp2p} or {@code tls}
 * @param name the identity in that scheme's text form, such as a peer id or a certificate's hash
 */
public record PeerIdentity(String scheme, String name) {
    /** Refuses nulls. */
    public PeerIdentity {
        Objects.requireNonNull(scheme, "scheme");
        Objects.requireNonNull(name, "name");
    }
}
