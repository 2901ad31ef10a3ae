package dev.livesync.api.internal.noise;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;

/**
 * Noise's CipherState: one key, and a nonce that counts up. One direction, one thread at a time.
 *
 * <p>Arrays stay the caller's. A failure to decrypt erases the key, for nothing that comes later could be believed; Noise leaves that to its
 * users. A nonce is never used twice: when they are used up, everything fails as {@link ErrorKind#LIMIT_EXCEEDED}. Without a key, which
 * {@link #destroy} erases too, everything fails with an {@link IllegalStateException}.
 */
public final class CipherState {
    /** Bytes by which a ciphertext is longer. */
    public static final int TAG_BYTES = 16;

    /** Bytes of a key. */
    public static final int KEY_BYTES = 32;

    private static final byte[] NOTHING = {};

    /** The nonce that Noise keeps for {@link #rekey}. */
    private static final long REKEY = -1;

    private final Aead aead;
    private final Cipher cipher;
    private ErasableKey key;
    private long count;

    /**
     * Starts with the first nonce.
     *
     * @param aead the cipher
     * @param key 32 bytes, copied
     */
    public CipherState(Aead aead, byte[] key) {
        this(aead, key, 0);
    }

    /** Starts at a later nonce; for tests. */
    CipherState(Aead aead, byte[] key, long count) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes");
        }
        this.aead = aead;
        this.cipher = aead.cipher();
        this.key = new ErasableKey(aead.keyAlgorithm(), key.clone());
        this.count = count;
    }

    /**
     * Encrypts.
     *
     * @param associated what is authenticated and not encrypted
     * @param plaintext what is encrypted
     * @return the ciphertext, a new array
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} when the nonces are used up
     */
    public byte[] encrypt(byte[] associated, byte[] plaintext) {
        byte[] out = new byte[plaintext.length + TAG_BYTES];
        begin(Cipher.ENCRYPT_MODE, associated);
        try {
            cipher.doFinal(plaintext, 0, plaintext.length, out, 0);
        } catch (GeneralSecurityException e) {
            throw X25519.missing(e);
        }
        count++;
        return out;
    }

    /**
     * Encrypts the first bytes of an array, without associated data.
     *
     * @param plaintext the array
     * @param length how many bytes of it
     * @param out where the ciphertext goes; another array
     * @param at from where on
     * @return the length of the ciphertext
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} when the nonces are used up
     */
    public int encrypt(byte[] plaintext, int length, byte[] out, int at) {
        begin(Cipher.ENCRYPT_MODE, NOTHING);
        try {
            int written = cipher.doFinal(plaintext, 0, length, out, at);
            count++;
            return written;
        } catch (GeneralSecurityException e) {
            throw X25519.missing(e);
        }
    }

    /**
     * Encrypts an array and a byte that follows it, without copying them together first.
     *
     * @param plaintext the array
     * @param last what follows it
     * @return the ciphertext, a new array
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} when the nonces are used up
     */
    public byte[] encrypt(byte[] plaintext, byte last) {
        byte[] out = new byte[plaintext.length + 1 + TAG_BYTES];
        begin(Cipher.ENCRYPT_MODE, NOTHING);
        try {
            int written = cipher.update(plaintext, 0, plaintext.length, out, 0);
            cipher.doFinal(new byte[] {last}, 0, 1, out, written);
        } catch (GeneralSecurityException e) {
            throw X25519.missing(e);
        }
        count++;
        return out;
    }

    /**
     * Decrypts.
     *
     * @param associated what the sender gave
     * @param ciphertext what came
     * @return the plaintext, a new array
     * @throws SyncException {@link ErrorKind#AUTHENTICATION} for anything but the sender's next message, {@link
     *     ErrorKind#LIMIT_EXCEEDED} when the nonces are used up
     */
    public byte[] decrypt(byte[] associated, byte[] ciphertext) {
        byte[] out = new byte[Math.max(0, ciphertext.length - TAG_BYTES)];
        decrypt(associated, ciphertext, ciphertext.length, out);
        return out;
    }

    /**
     * Decrypts the first bytes of an array, without associated data.
     *
     * @param ciphertext the array
     * @param length how many bytes of it
     * @param out where the plaintext goes; another array
     * @return the length of the plaintext
     * @throws SyncException as {@link #decrypt(byte[], byte[])}
     */
    public int decrypt(byte[] ciphertext, int length, byte[] out) {
        return decrypt(NOTHING, ciphertext, length, out);
    }

    private int decrypt(byte[] associated, byte[] ciphertext, int length, byte[] out) {
        requireKey();
        if (length < TAG_BYTES) {
            key.destroy();
            throw new SyncException(
                    ErrorKind.AUTHENTICATION, "something encrypted of " + length + " bytes is too short to be it");
        }
        begin(Cipher.DECRYPT_MODE, associated);
        try {
            int read = cipher.doFinal(ciphertext, 0, length, out, 0);
            count++;
            return read;
        } catch (AEADBadTagException e) {
            key.destroy();
            throw new SyncException(
                    ErrorKind.AUTHENTICATION,
                    "what came does not authenticate: it was not made for this connection and this place in it");
        } catch (GeneralSecurityException e) {
            throw X25519.missing(e);
        }
    }

    /** Replaces the key by the one that Noise derives from it. Both ends have to do so at the same place. The nonce goes on. */
    public void rekey() {
        requireKey();
        byte[] next;
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, aead.nonce(REKEY));
            next = cipher.doFinal(new byte[KEY_BYTES]);
        } catch (GeneralSecurityException e) {
            throw X25519.missing(e);
        }
        key.destroy();
        key = new ErasableKey(aead.keyAlgorithm(), Arrays.copyOf(next, KEY_BYTES));
        Arrays.fill(next, (byte) 0);
    }

    /**
     * How many messages have passed.
     *
     * @return also the next nonce
     */
    public long count() {
        return count;
    }

    /** Erases the key; nothing can be encrypted or decrypted any more. Idempotent. */
    public void destroy() {
        key.destroy();
    }

    private void requireKey() {
        if (key.isDestroyed()) {
            throw new IllegalStateException("the key was erased");
        }
    }

    private void begin(int mode, byte[] associated) {
        requireKey();
        if (count == Long.MAX_VALUE) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED, "the nonces of this connection are used up: connect again");
        }
        try {
            cipher.init(mode, key, aead.nonce(count));
        } catch (GeneralSecurityException e) {
            throw X25519.missing(e);
        }
        if (associated.length > 0) {
            cipher.updateAAD(associated);
        }
    }
}
