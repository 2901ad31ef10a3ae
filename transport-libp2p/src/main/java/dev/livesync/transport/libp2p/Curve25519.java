package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;

/** Ed25519 and X25519 of the JDK, with keys as 32 raw bytes. */
final class Curve25519 {
    static final String ED25519 = "Ed25519";
    static final String X25519 = "X25519";
    static final int BYTES = 32;

    // What DER puts in front of the 32 bytes (RFC 8410).
    private static final byte[] ED25519_PUBLIC = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final byte[] ED25519_PRIVATE = HexFormat.of().parseHex("302e020100300506032b657004220420");
    private static final byte[] X25519_PUBLIC = HexFormat.of().parseHex("302a300506032b656e032100");
    private static final byte[] X25519_PRIVATE = HexFormat.of().parseHex("302e020100300506032b656e04220420");

    private Curve25519() {}

    static KeyPair generate(String algorithm, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(255, random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    static byte[] raw(PublicKey key) {
        byte[] der = key.getEncoded();
        return Arrays.copyOfRange(der, der.length - BYTES, der.length);
    }

    static byte[] raw(PrivateKey key) {
        byte[] der = key.getEncoded();
        return Arrays.copyOfRange(der, der.length - BYTES, der.length);
    }

    static PublicKey publicKey(String algorithm, byte[] raw) {
        byte[] prefix = algorithm.equals(ED25519) ? ED25519_PUBLIC : X25519_PUBLIC;
        try {
            return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(concat(prefix, raw)));
        } catch (GeneralSecurityException e) {
            throw new SyncException(ErrorKind.MALFORMED, "not an " + algorithm + " public key", e);
        }
    }

    static PrivateKey privateKey(String algorithm, byte[] raw) {
        byte[] prefix = algorithm.equals(ED25519) ? ED25519_PRIVATE : X25519_PRIVATE;
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(concat(prefix, raw)));
        } catch (GeneralSecurityException e) {
            throw new SyncException(ErrorKind.MALFORMED, "not an " + algorithm + " private key", e);
        }
    }

    /** Computes the shared secret of X25519. Refuses keys of small order, with which it would not be secret. */
    static byte[] agree(PrivateKey ours, byte[] theirs) {
        try {
            KeyAgreement agreement = KeyAgreement.getInstance(X25519);
            agreement.init(ours);
            agreement.doPhase(publicKey(X25519, theirs), true);
            return agreement.generateSecret();
        } catch (InvalidKeyException | IllegalStateException e) {
            throw new SyncException(ErrorKind.AUTHENTICATION, "its X25519 key is of small order", e);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    static byte[] concat(byte[]... parts) {
        byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /** The failure for a missing algorithm, which no JDK from 17 on lacks unless its providers were removed. */
    static SyncException missing(GeneralSecurityException e) {
        return new SyncException(
                ErrorKind.CONFIGURATION,
                "this Java lacks cryptography that libp2p needs: " + Libp2pFailures.text(e),
                e);
    }
}
