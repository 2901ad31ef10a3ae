package dev.livesync.api.internal.noise;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import javax.crypto.KeyAgreement;
import org.jspecify.annotations.Nullable;

/** Diffie-Hellman on Curve25519 by the JDK, with public keys as 32 raw bytes. Stateless; any thread. */
public final class X25519 {
    /** Bytes of a public key, a private key, and what they agree on. */
    public static final int BYTES = 32;

    private static final String ALGORITHM = "X25519";

    // What DER puts in front of the 32 bytes (RFC 8410).
    private static final byte[] PUBLIC = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00};
    private static final byte[] PRIVATE = {
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20
    };

    private X25519() {}

    /**
     * Generates a key pair.
     *
     * @param random where the private key comes from
     * @return the pair
     */
    public static KeyPair generate(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
            generator.initialize(255, random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    /**
     * Makes the pair of a known private key.
     *
     * @param raw 32 bytes, copied
     * @return the pair
     */
    public static KeyPair pair(byte[] raw) {
        try {
            KeyFactory factory = KeyFactory.getInstance(ALGORITHM);
            PrivateKey key = factory.generatePrivate(new PKCS8EncodedKeySpec(join(PRIVATE, raw)));
            byte[] base = new byte[BYTES];
            base[0] = 9;
            return new KeyPair(publicKey(agree(key, base)), key);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    /**
     * The bytes of a public key.
     *
     * @param key of this curve
     * @return 32 bytes, a new array
     */
    public static byte[] raw(PublicKey key) {
        byte[] der = key.getEncoded();
        return Arrays.copyOfRange(der, der.length - BYTES, der.length);
    }

    /**
     * Agrees on a secret.
     *
     * @param ours our private key
     * @param theirs the peer's public key
     * @return 32 bytes, a new array
     * @throws SyncException {@link ErrorKind#AUTHENTICATION} for a key of small order, with which the result would be zero and no secret
     */
    public static byte[] agree(PrivateKey ours, byte[] theirs) {
        byte[] secret;
        try {
            KeyAgreement agreement = KeyAgreement.getInstance(ALGORITHM);
            agreement.init(ours);
            agreement.doPhase(publicKey(theirs), true);
            secret = agreement.generateSecret();
        } catch (InvalidKeyException | IllegalStateException e) {
            throw smallOrder(e);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
        // This JDK's provider refuses it by itself; another one need not.
        if (MessageDigest.isEqual(secret, new byte[BYTES])) {
            throw smallOrder(null);
        }
        return secret;
    }

    private static PublicKey publicKey(byte[] raw) throws GeneralSecurityException {
        return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(join(PUBLIC, raw)));
    }

    private static byte[] join(byte[] prefix, byte[] raw) {
        if (raw.length != BYTES) {
            throw new IllegalArgumentException("a key of " + raw.length + " bytes");
        }
        byte[] der = Arrays.copyOf(prefix, prefix.length + BYTES);
        System.arraycopy(raw, 0, der, prefix.length, BYTES);
        return der;
    }

    private static SyncException smallOrder(@Nullable Exception cause) {
        return new SyncException(ErrorKind.AUTHENTICATION, "its X25519 key is of small order", cause);
    }

    /** The failure for a missing algorithm, which no JDK from 17 on lacks unless its providers were removed. */
    static SyncException missing(GeneralSecurityException e) {
        return new SyncException(
                ErrorKind.CONFIGURATION, "this Java lacks cryptography that Noise needs: " + Reason.of(e), e);
    }
}
