package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import java.security.GeneralSecurityException;
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

/** Ed25519 of the JDK, with keys as 32 raw bytes. */
final class Ed25519 {
    static final String ALGORITHM = "Ed25519";
    static final int BYTES = 32;

    // What DER puts in front of the 32 bytes (RFC 8410).
    private static final byte[] PUBLIC = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final byte[] PRIVATE = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private Ed25519() {}

    static KeyPair generate(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
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

    static PublicKey publicKey(byte[] raw) {
        try {
            return KeyFactory.getInstance(ALGORITHM)
                    .generatePublic(new X509EncodedKeySpec(ByteArrays.concat(PUBLIC, raw)));
        } catch (GeneralSecurityException e) {
            throw new SyncException(ErrorKind.MALFORMED, "not an Ed25519 public key", e);
        }
    }

    static PrivateKey privateKey(byte[] raw) {
        try {
            return KeyFactory.getInstance(ALGORITHM)
                    .generatePrivate(new PKCS8EncodedKeySpec(ByteArrays.concat(PRIVATE, raw)));
        } catch (GeneralSecurityException e) {
            throw new SyncException(ErrorKind.MALFORMED, "not an Ed25519 private key", e);
        }
    }

    /** The failure for a missing algorithm, which no JDK from 17 on lacks unless its providers were removed. */
    static SyncException missing(GeneralSecurityException e) {
        return new SyncException(
                ErrorKind.CONFIGURATION,
                "this Java lacks cryptography that libp2p needs: " + Libp2pFailures.text(e),
                e);
    }
}
