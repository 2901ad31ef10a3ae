package dev.livesync.grant;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.SecretText;
import dev.livesync.api.transport.PeerIdentity;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * A secret with a name, and what whoever knows it may do. Who dials with the secret is let in; {@link dev.livesync.grant.Grants} keeps all
 * that a listener knows.
 *
 * <p>Immutable; any thread. {@link #toString} doesn't tell the secret.
 *
 * @param name 1 to 64 characters of A-Z, a-z, 0-9, dot, - and _; unique among the grants of a listener. It does not travel
 * @param secret 22 to 1,024 characters of A-Z, a-z, 0-9, - and _, as of a listening address; of digits alone it takes more, since all have room
 *     for 128 bits. Empty where none is needed, because the transport authenticates the peers
 * @param rights what may be done with it
 * @param expires when it ends; empty for never
 * @param peers who may use it, by the identity that the transport has authenticated, such as a libp2p peer id; empty for everybody who has
 *     the secret. A transport without identities lets nobody in with such a grant
 */
public record Grant(String name, String secret, Rights rights, Optional<Instant> expires, Set<PeerIdentity> peers) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern IDENTITY = Pattern.compile("[!-+.-~]{1,256}");
    private static final int SECRET_BYTES = 32;
    private static final String NO_SECRET = "";

    /**
     * Checks the parts.
     *
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if one isn't as it has to be; the message doesn't tell the secret
     */
    public Grant {
        peers = Set.copyOf(peers);
        if (!NAME.matcher(name).matches()) {
            throw bad("a grant's name is 1 to 64 characters of A-Z, a-z, 0-9, dot, - and _");
        }
        if (!secret.isEmpty()) {
            SecretText.requireStrong("the secret of grant " + name, ErrorKind.CONFIGURATION, secret);
        } else if (peers.isEmpty()) {
            throw bad("grant " + name + " needs a secret, or else peers that need none");
        }
        for (PeerIdentity peer : peers) {
            if (!IDENTITY.matcher(peer.scheme() + ":" + peer.name()).matches()
                    || peer.scheme().indexOf(':') >= 0
                    || peer.scheme().isEmpty()) {
                throw bad("grant " + name + " names a peer that is no identity, such as libp2p:12D3KooW…");
            }
        }
    }

    /**
     * Makes a grant with a new secret of 256 bits, for everybody who has it, that never expires.
     *
     * @param name its name
     * @param rights what may be done with it
     * @param random where the secret comes from, a {@link java.security.SecureRandom} outside of tests
     * @return the grant
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if that is no name
     */
    public static Grant of(String name, Rights rights, RandomGenerator random) {
        byte[] bits = new byte[SECRET_BYTES];
        random.nextBytes(bits);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
        return new Grant(name, secret, rights, Optional.empty(), Set.of());
    }

    /**
     * Makes a grant without a secret: it is for these peers, on transports that authenticate them, and as secret as their keys are. They dial
     * an address that names the listener's identity, without a secret. Never expires.
     *
     * @param name its name
     * @param rights what may be done with it
     * @param peers whom it is for, one at least; each in no other grant without a secret
     * @return the grant
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if that is no name, or if there are no peers
     */
    public static Grant ofPeers(String name, Rights rights, Set<PeerIdentity> peers) {
        return new Grant(name, NO_SECRET, rights, Optional.empty(), peers);
    }

    /**
     * Whether it takes a secret, beside an identity perhaps.
     *
     * @return false for one {@linkplain #ofPeers of peers} alone
     */
    public boolean hasSecret() {
        return !secret.isEmpty();
    }

    /**
     * The same until some time.
     *
     * @param end when it ends
     * @return a new grant
     */
    public Grant until(Instant end) {
        return new Grant(name, secret, rights, Optional.of(end), peers);
    }

    /**
     * The same for some peers only.
     *
     * @param identities of those who may use it; empty for everybody, who needs a secret then
     * @return a new grant
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if there are none and it has no secret
     */
    public Grant onlyFor(Set<PeerIdentity> identities) {
        return new Grant(name, secret, rights, expires, identities);
    }

    /**
     * Whether it has ended.
     *
     * @param now the time
     * @return true from {@link #expires} on
     */
    public boolean isExpired(Instant now) {
        return expires.isPresent() && !now.isBefore(expires.get());
    }

    /**
     * Whether a peer may use it who knows the secret, if there is one.
     *
     * @param identity what the transport has authenticated; empty where it has no identities
     * @return true if so
     */
    public boolean isFor(Optional<PeerIdentity> identity) {
        return peers.isEmpty() || identity.isPresent() && peers.contains(identity.get());
    }

    /** Everything but the secret. */
    @Override
    public String toString() {
        return "Grant[" + name + ", " + rights
                + expires.map(end -> ", until " + end).orElse("") + (peers.isEmpty() ? "" : ", for " + peers) + "]";
    }

    private static SyncException bad(String what) {
        return new SyncException(ErrorKind.CONFIGURATION, what);
    }
}
