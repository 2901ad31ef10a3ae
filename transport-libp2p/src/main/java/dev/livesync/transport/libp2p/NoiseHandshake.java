package dev.livesync.transport.libp2p;

import dev.livesync.transport.support.libp2p.Libp2pFailures;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * {@code Noise_XX_25519_ChaChaPoly_SHA256}: three messages, after which each knows the other's static key and both have a key per
 * direction. Pure: bytes in, bytes out, keys given. {@link SecureHandshake} handles the payloads.
 */
final class NoiseHandshake {
    private static final byte[] NAME = "Noise_XX_25519_ChaChaPoly_SHA256".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = {};

    private final boolean initiator;
    private final KeyPair ourStatic;
    private final KeyPair ourEphemeral;
    private byte[] theirEphemeral = NOTHING;
    private byte[] theirStatic = NOTHING;

    private byte[] hash;
    private byte[] chaining;
    private @Nullable NoiseCipher cipher;
    private int messages;

    NoiseHandshake(boolean initiator, KeyPair ourStatic, KeyPair ourEphemeral, byte[] prologue) {
        this.initiator = initiator;
        this.ourStatic = ourStatic;
        this.ourEphemeral = ourEphemeral;
        this.hash = NAME.clone(); // just as long as a hash, so it is not hashed
        this.chaining = NAME.clone();
        mixHash(prologue);
    }

    /** Whether the next message is ours. */
    boolean isOurTurn() {
        return !isDone() && (messages % 2 == 0) == initiator;
    }

    boolean isDone() {
        return messages == 3;
    }

    /** The peer's static key, once a message has brought it. */
    byte[] theirStatic() {
        return theirStatic.clone();
    }

    byte[] write(byte[] payload) {
        byte[] message = switch (messages++) {
            case 0 -> writeEphemeral();
            case 1 -> {
                byte[] e = writeEphemeral();
                mixKey(Curve25519.agree(ourEphemeral.getPrivate(), theirEphemeral));
                byte[] s = encryptAndHash(Curve25519.raw(ourStatic.getPublic()));
                mixKey(Curve25519.agree(ourStatic.getPrivate(), theirEphemeral));
                yield Curve25519.concat(e, s);
            }
            default -> {
                byte[] s = encryptAndHash(Curve25519.raw(ourStatic.getPublic()));
                mixKey(Curve25519.agree(ourStatic.getPrivate(), theirEphemeral));
                yield s;
            }
        };
        return Curve25519.concat(message, encryptAndHash(payload));
    }

    private byte[] writeEphemeral() {
        byte[] e = Curve25519.raw(ourEphemeral.getPublic());
        mixHash(e);
        return e;
    }

    /** Reads a message and returns its payload; fails as MALFORMED or AUTHENTICATION. */
    byte[] read(byte[] message) {
        int number = messages++;
        int ephemeral = number < 2 ? Curve25519.BYTES : 0;
        int fixed = ephemeral + (number > 0 ? Curve25519.BYTES + NoiseCipher.TAG_BYTES : 0);
        if (message.length < fixed + (number > 0 ? NoiseCipher.TAG_BYTES : 0)) {
            throw Libp2pFailures.malformed("its Noise message " + (number + 1) + " is too short");
        }
        if (ephemeral > 0) {
            theirEphemeral = Arrays.copyOf(message, ephemeral);
            mixHash(theirEphemeral);
        }
        if (number == 1) {
            mixKey(Curve25519.agree(ourEphemeral.getPrivate(), theirEphemeral));
        }
        if (number > 0) {
            theirStatic = decryptAndHash(Arrays.copyOfRange(message, ephemeral, fixed));
            mixKey(Curve25519.agree(ourEphemeral.getPrivate(), theirStatic));
        }
        return decryptAndHash(Arrays.copyOfRange(message, fixed, message.length));
    }

    /** The two ciphers: the one for sending, then the one for receiving. */
    NoiseCipher[] split() {
        byte[][] keys = derive(NOTHING);
        NoiseCipher first = new NoiseCipher(keys[0]);
        NoiseCipher second = new NoiseCipher(keys[1]);
        return initiator ? new NoiseCipher[] {first, second} : new NoiseCipher[] {second, first};
    }

    private byte[] encryptAndHash(byte[] plaintext) {
        byte[] ciphertext = cipher == null ? plaintext : cipher.encrypt(hash, plaintext);
        mixHash(ciphertext);
        return ciphertext;
    }

    private byte[] decryptAndHash(byte[] ciphertext) {
        byte[] plaintext = cipher == null ? ciphertext : cipher.decrypt(hash, ciphertext);
        mixHash(ciphertext);
        return plaintext;
    }

    private void mixKey(byte[] input) {
        byte[][] keys = derive(input);
        chaining = keys[0];
        cipher = new NoiseCipher(keys[1]);
    }

    private void mixHash(byte[] data) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(hash);
            hash = sha.digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw Curve25519.missing(e);
        }
    }

    /** Noise's HKDF with two outputs. */
    private byte[][] derive(byte[] input) {
        byte[] key = hmac(chaining, input);
        byte[] first = hmac(key, new byte[] {1});
        return new byte[][] {first, hmac(key, Curve25519.concat(first, new byte[] {2}))};
    }

    private static byte[] hmac(byte[] key, byte[] data) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw Curve25519.missing(e);
        }
    }
}
