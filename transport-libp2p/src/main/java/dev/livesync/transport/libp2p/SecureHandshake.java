package dev.livesync.transport.libp2p;

import dev.livesync.api.internal.noise.Aead;
import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.api.internal.noise.HandshakePattern;
import dev.livesync.api.internal.noise.HandshakeState;
import dev.livesync.api.internal.noise.X25519;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * libp2p's handshake over Noise: finds out to which identity the peer's static key belongs, and whether we accept that peer. Pure; one
 * thread.
 *
 * <p>The dialler decides before its identity leaves, with the second message; a listener after the third.
 */
final class SecureHandshake {
    /** Larger than any that is accepted: a key of 8,192 bits RSA and its signature, with room for extensions. */
    static final int MAX_MESSAGE = 8_192;

    private static final byte[] NOTHING = {};

    private @Nullable HandshakeState noise;
    private final StaticKey ours;
    private final SecureRandom random;
    private final @Nullable PeerId expected;
    private final Set<PeerId> allowed;
    private final Consumer<byte[]> out;
    private final boolean dialler;
    private @Nullable PeerId peer;

    /**
     * @param expected who must be there; null for anybody
     * @param allowed who may be there; empty for anybody
     * @param out takes the messages that we write
     */
    SecureHandshake(
            boolean dialler,
            StaticKey ours,
            SecureRandom random,
            @Nullable PeerId expected,
            Set<PeerId> allowed,
            Consumer<byte[]> out) {
        this.dialler = dialler;
        this.ours = ours;
        this.expected = expected;
        this.allowed = allowed;
        this.out = out;
        this.random = random;
    }

    /** The state, with the one-time key that takes a listener more work than all a stranger has done before its first message. */
    private HandshakeState noise() {
        HandshakeState state = noise;
        if (state == null) {
            state = new HandshakeState(
                    HandshakePattern.XX,
                    Aead.CHACHA20_POLY1305,
                    dialler,
                    NOTHING,
                    ours.pair(),
                    X25519.generate(random));
            noise = state;
        }
        return state;
    }

    void begin() {
        if (dialler) {
            out.accept(noise().write(NOTHING));
        }
    }

    /** Takes a message from the peer; fails as MALFORMED or AUTHENTICATION. */
    void receive(byte[] message) {
        HandshakeState state = noise();
        byte[] payload = state.read(message);
        if (state.theirStatic().length > 0) {
            PeerId proved = StaticKey.verify(payload, state.theirStatic());
            check(proved);
            peer = proved;
        }
        if (state.isOurTurn()) {
            out.accept(state.write(ours.payload()));
        }
    }

    private void check(PeerId proved) {
        if (expected != null && !expected.equals(proved)) {
            throw Libp2pFailures.untrusted(
                    "the peer there is " + proved + " and not " + expected + ", whom the address names");
        }
        if (!allowed.isEmpty() && !allowed.contains(proved)) {
            throw Libp2pFailures.untrusted("the peer " + proved + " is not among those that allowedPeers names");
        }
    }

    boolean isDone() {
        return noise().isDone();
    }

    PeerId peer() {
        return Objects.requireNonNull(peer, "only when done");
    }

    /** The cipher for sending, then the one for receiving. */
    CipherState[] ciphers() {
        return noise().split();
    }
}
