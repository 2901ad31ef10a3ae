package dev.livesync.transport.libp2p;

import dev.livesync.api.internal.noise.X25519;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;

/**
 * A transport's Noise key, and the proof that it belongs to the identity.
 *
 * @param pair the X25519 key pair
 * @param payload libp2p's handshake payload: the identity's key, and its signature of the Noise key
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record StaticKey(KeyPair pair, byte[] payload) {
    private static final byte[] SIGNED = "noise-libp2p-static-key:".getBytes(StandardCharsets.US_ASCII);

    static StaticKey generate(Identity identity, SecureRandom random) {
        KeyPair pair = X25519.generate(random);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Protobuf.write(out, 1, identity.publicKey());
        Protobuf.write(out, 2, identity.sign(signed(X25519.raw(pair.getPublic()))));
        return new StaticKey(pair, out.toByteArray());
    }

    /** The bytes that an identity signs for a static key. */
    static byte[] signed(byte[] publicKey) {
        return ByteArrays.concat(SIGNED, publicKey);
    }

    /** Verifies a payload; returns the peer to which the static key belongs. */
    static PeerId verify(byte[] payload, byte[] staticKey) {
        Protobuf message = Protobuf.read("its handshake payload", payload);
        byte[] key = message.bytes(1);
        byte[] signature = message.bytes(2);
        if (key == null || signature == null) {
            throw Libp2pFailures.malformed("its handshake payload lacks the identity's key or signature");
        }
        IdentityKey identity = IdentityKey.read(key);
        if (!identity.verifies(signed(staticKey), signature)) {
            throw Libp2pFailures.untrusted("its signature does not prove that it is " + identity.peerId());
        }
        return identity.peerId();
    }
}
