package dev.livesync.transport.libp2p;

import dev.livesync.transport.support.libp2p.Libp2pFailures;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;

/**
 * A peer's public identity key as received. Ed25519, RSA and ECDSA are verified; secp256k1 isn't, since the JDK has none.
 *
 * @param encoded libp2p's protobuf, from which the peer id is made
 * @param algorithm the signature's name in the JDK
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record IdentityKey(byte[] encoded, String algorithm, PublicKey key) {
    static final long RSA = 0;
    static final long ED25519 = 1;
    static final long SECP256K1 = 2;
    static final long ECDSA = 3;

    /** Longer than any key that is accepted, RSA with 8,192 bits included. */
    private static final int MAX_BYTES = 2_048;

    private static final int LEAST_RSA_BITS = 2_048;
    private static final int MOST_RSA_BITS = 8_192;

    /** Reads a key that a stranger sent. */
    static IdentityKey read(byte[] encoded) {
        if (encoded.length > MAX_BYTES) {
            throw Libp2pFailures.untrusted("its identity key has " + encoded.length + " bytes, more than " + MAX_BYTES);
        }
        Protobuf message = Protobuf.read("its identity key", encoded);
        Long type = message.number(1);
        byte[] data = message.bytes(2);
        if (type == null || data == null) {
            throw Libp2pFailures.malformed("its identity key lacks its type or its bytes");
        }
        if (type == ED25519) {
            if (data.length != Ed25519.BYTES) {
                throw Libp2pFailures.malformed("its Ed25519 identity key has " + data.length + " bytes instead of 32");
            }
            return new IdentityKey(encoded, Ed25519.ALGORITHM, Ed25519.publicKey(data));
        }
        if (type == RSA) {
            return rsa(encoded, data);
        }
        if (type == ECDSA) {
            return new IdentityKey(encoded, "SHA256withECDSA", der("EC", data));
        }
        throw Libp2pFailures.untrusted(
                type == SECP256K1
                        ? "its identity key is of the type secp256k1, which is not supported: use Ed25519"
                        : "its identity key is of the unknown type " + type);
    }

    private static IdentityKey rsa(byte[] encoded, byte[] data) {
        PublicKey key = der("RSA", data);
        int bits = ((RSAPublicKey) key).getModulus().bitLength();
        if (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS) {
            throw Libp2pFailures.untrusted("its RSA identity key has " + bits + " bits, and " + LEAST_RSA_BITS + " to "
                    + MOST_RSA_BITS + " are accepted");
        }
        return new IdentityKey(encoded, "SHA256withRSA", key);
    }

    private static PublicKey der(String algorithm, byte[] data) {
        try {
            return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(data));
        } catch (GeneralSecurityException | RuntimeException e) {
            throw Libp2pFailures.malformed("its identity key is no " + algorithm + " key");
        }
    }

    /** Encodes an Ed25519 key as libp2p does. */
    static byte[] encode(byte[] raw) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Protobuf.write(out, 1, ED25519);
        Protobuf.write(out, 2, raw);
        return out.toByteArray();
    }

    PeerId peerId() {
        return PeerId.ofKey(encoded);
    }

    boolean verifies(byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException | RuntimeException e) {
            return false; // no signature at all, or a key that fits nothing
        }
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof IdentityKey other && Arrays.equals(encoded, other.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    @Override
    public String toString() {
        return peerId().toString();
    }
}
