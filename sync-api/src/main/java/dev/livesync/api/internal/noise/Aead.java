package dev.livesync.api.internal.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/** The ciphers of Noise: authenticated, with a key of 32 bytes, a tag of 16, and a counter as nonce. */
public enum Aead {
    /** AES with 256 bits in Galois/Counter Mode, which WebCrypto has. */
    AES_GCM("AESGCM", "AES/GCM/NoPadding", "AES", ByteOrder.BIG_ENDIAN),
    /** ChaCha20-Poly1305, which libp2p uses. */
    CHACHA20_POLY1305("ChaChaPoly", "ChaCha20-Poly1305", "ChaCha20", ByteOrder.LITTLE_ENDIAN);

    private static final int NONCE_BYTES = 12;
    private static final int COUNTER_AT = 4;

    private final String noiseName;
    private final String transformation;
    private final String keyAlgorithm;
    private final ByteOrder order;

    Aead(String noiseName, String transformation, String keyAlgorithm, ByteOrder order) {
        this.noiseName = noiseName;
        this.transformation = transformation;
        this.keyAlgorithm = keyAlgorithm;
        this.order = order;
    }

    String noiseName() {
        return noiseName;
    }

    String keyAlgorithm() {
        return keyAlgorithm;
    }

    Cipher cipher() {
        try {
            return Cipher.getInstance(transformation);
        } catch (GeneralSecurityException e) {
            throw X25519.missing(e);
        }
    }

    AlgorithmParameterSpec nonce(long counter) {
        byte[] nonce = ByteBuffer.allocate(NONCE_BYTES)
                .order(order)
                .putLong(COUNTER_AT, counter)
                .array();
        return this == AES_GCM
                ? new GCMParameterSpec(CipherState.TAG_BYTES * Byte.SIZE, nonce)
                : new IvParameterSpec(nonce);
    }
}
