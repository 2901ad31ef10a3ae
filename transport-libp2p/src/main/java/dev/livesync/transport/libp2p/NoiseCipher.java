package dev.livesync.transport.libp2p;

import dev.livesync.transport.support.libp2p.Libp2pFailures;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Noise's CipherState with ChaCha20-Poly1305: one key, and a nonce that counts up. One direction, one thread. */
final class NoiseCipher {
    static final int TAG_BYTES = 16;
    private static final byte[] NOTHING = {};

    private final SecretKeySpec key;
    private final Cipher cipher;
    private final byte[] nonce = new byte[12];
    private long count;

    NoiseCipher(byte[] key) {
        this.key = new SecretKeySpec(key, "ChaCha20");
        try {
            this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
        } catch (GeneralSecurityException e) {
            throw Curve25519.missing(e);
        }
    }

    byte[] encrypt(byte[] associated, byte[] plaintext) {
        byte[] out = new byte[plaintext.length + TAG_BYTES];
        encrypt(associated, plaintext, plaintext.length, out, 0);
        return out;
    }

    byte[] decrypt(byte[] associated, byte[] ciphertext) {
        byte[] out = new byte[Math.max(0, ciphertext.length - TAG_BYTES)];
        decrypt(associated, ciphertext, ciphertext.length, out);
        return out;
    }

    /** Encrypts the first bytes of an array; returns the length of the ciphertext. */
    int encrypt(byte[] plaintext, int length, byte[] out, int at) {
        return encrypt(NOTHING, plaintext, length, out, at);
    }

    /** Decrypts the first bytes of an array; returns the length of the plaintext. */
    int decrypt(byte[] ciphertext, int length, byte[] out) {
        return decrypt(NOTHING, ciphertext, length, out);
    }

    private int encrypt(byte[] associated, byte[] plaintext, int length, byte[] out, int at) {
        try {
            init(Cipher.ENCRYPT_MODE, associated);
            return cipher.doFinal(plaintext, 0, length, out, at);
        } catch (GeneralSecurityException e) {
            throw Curve25519.missing(e);
        }
    }

    private int decrypt(byte[] associated, byte[] ciphertext, int length, byte[] out) {
        if (length < TAG_BYTES) {
            throw Libp2pFailures.untrusted("an encrypted frame of " + length + " bytes is too short to be one");
        }
        try {
            init(Cipher.DECRYPT_MODE, associated);
            return cipher.doFinal(ciphertext, 0, length, out, 0);
        } catch (AEADBadTagException e) {
            throw Libp2pFailures.untrusted(
                    "an encrypted frame does not authenticate: it was not made for this connection");
        } catch (GeneralSecurityException e) {
            throw Curve25519.missing(e);
        }
    }

    private void init(int mode, byte[] associated) throws GeneralSecurityException {
        if (count == Long.MAX_VALUE) {
            throw Libp2pFailures.malformed("the nonces of this connection are used up");
        }
        ByteBuffer.wrap(nonce).order(ByteOrder.LITTLE_ENDIAN).putLong(4, count++);
        cipher.init(mode, key, new IvParameterSpec(nonce));
        if (associated.length > 0) {
            cipher.updateAAD(associated);
        }
    }
}
