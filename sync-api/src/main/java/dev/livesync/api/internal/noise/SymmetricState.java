package dev.livesync.api.internal.noise;

import dev.livesync.api.internal.Digests;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Noise's SymmetricState: the hash of everything that was said, and the key that comes of everything that was mixed. */
final class SymmetricState {
    private static final int HASH_BYTES = 32;
    private static final byte[] NOTHING = {};

    private final Aead aead;
    private byte[] hash;
    private byte[] chaining;
    private @Nullable CipherState cipher;

    SymmetricState(Aead aead, String protocol) {
        this.aead = aead;
        byte[] name = protocol.getBytes(StandardCharsets.US_ASCII);
        hash = name.length <= HASH_BYTES ? Arrays.copyOf(name, HASH_BYTES) : Digests.sha256(name);
        chaining = hash.clone();
    }

    boolean hasKey() {
        return cipher != null;
    }

    byte[] hash() {
        return hash.clone();
    }

    void mixHash(byte[] data) {
        hash = Digests.sha256(hash, data);
    }

    void mixKey(byte[] input) {
        byte[][] outputs = derive(input, 2);
        begin(outputs[0], outputs[1]);
    }

    void mixKeyAndHash(byte[] input) {
        byte[][] outputs = derive(input, 3);
        mixHash(outputs[1]);
        Arrays.fill(outputs[1], (byte) 0);
        begin(outputs[0], outputs[2]);
    }

    byte[] encryptAndHash(byte[] plaintext) {
        byte[] ciphertext = cipher == null ? plaintext.clone() : cipher.encrypt(hash, plaintext);
        mixHash(ciphertext);
        return ciphertext;
    }

    byte[] decryptAndHash(byte[] ciphertext) {
        byte[] plaintext = cipher == null ? ciphertext.clone() : cipher.decrypt(hash, ciphertext);
        mixHash(ciphertext);
        return plaintext;
    }

    /** The initiator's sending cipher and the responder's. */
    CipherState[] split() {
        byte[][] keys = derive(NOTHING, 2);
        CipherState[] ciphers = {new CipherState(aead, keys[0]), new CipherState(aead, keys[1])};
        Arrays.fill(keys[0], (byte) 0);
        Arrays.fill(keys[1], (byte) 0);
        return ciphers;
    }

    void destroy() {
        Arrays.fill(chaining, (byte) 0);
        if (cipher != null) {
            cipher.destroy();
        }
    }

    private void begin(byte[] nextChaining, byte[] key) {
        destroy();
        chaining = nextChaining;
        cipher = new CipherState(aead, key);
        Arrays.fill(key, (byte) 0);
    }

    /** Noise's HKDF is RFC 5869's without info. */
    private byte[][] derive(byte[] input, int outputs) {
        byte[] key = Hkdf.extract(chaining, input);
        byte[] all = Hkdf.expand(key, NOTHING, outputs * HASH_BYTES);
        byte[][] parts = new byte[outputs][];
        for (int i = 0; i < outputs; i++) {
            parts[i] = Arrays.copyOfRange(all, i * HASH_BYTES, (i + 1) * HASH_BYTES);
        }
        Arrays.fill(key, (byte) 0);
        Arrays.fill(all, (byte) 0);
        return parts;
    }
}
