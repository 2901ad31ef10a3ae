package dev.livesync.core.seal;

import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.api.internal.noise.Hkdf;
import dev.livesync.core.handshake.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a secret becomes for a sealed session: Noise's pre-shared key, and another key for hints. Neither tells anything about the other, nor
 * about the proofs that the same secret makes elsewhere.
 *
 * <p>Immutable; any thread. {@link #toString} tells nothing.
 */
public final class PreSharedKey {
    /** Bytes of a hint. A wrong match costs one attempt to decrypt, and no security. */
    static final int HINT_BYTES = 8;

    private static final byte[] SALT = "livesync/sealed/1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PSK = "psk".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HINT = "hint".getBytes(StandardCharsets.US_ASCII);

    private final byte[] key;
    private final byte[] hintKey;

    private PreSharedKey(byte[] key, byte[] hintKey) {
        this.key = key;
        this.hintKey = hintKey;
    }

    /**
     * Derives the key.
     *
     * @param secret that of a grant, of the listening address or of the offer, which has at least 128 bits
     * @param answer the answer's secret; null where there was none. Hints don't depend on it
     * @return the key
     */
    public static PreSharedKey of(Secret secret, @Nullable Secret answer) {
        return of(secret.key(), answer);
    }

    /**
     * The key that everybody knows: of the empty text, which is nobody's secret. For channels that authenticate both ends.
     *
     * @return the key
     */
    static PreSharedKey ofNoSecret() {
        return of(new byte[0], null);
    }

    private static PreSharedKey of(byte[] input, @Nullable Secret answer) {
        byte[] first = Hkdf.extract(SALT, input);
        Arrays.fill(input, (byte) 0);
        byte[] hintKey = Hkdf.expand(first, HINT, CipherState.KEY_BYTES);
        if (answer != null) {
            byte[] more = answer.key();
            byte[] both = Hkdf.extract(first, more);
            Arrays.fill(more, (byte) 0);
            Arrays.fill(first, (byte) 0);
            first = both;
        }
        byte[] key = Hkdf.expand(first, PSK, CipherState.KEY_BYTES);
        Arrays.fill(first, (byte) 0);
        return new PreSharedKey(key, hintKey);
    }

    /** Noise's pre-shared key; a new array. */
    byte[] bytes() {
        return key.clone();
    }

    /** What tells a holder of the same secret that this ephemeral key was sent by one; a new array. */
    byte[] hint(byte[] ephemeral) {
        return Arrays.copyOf(Hkdf.hmac(hintKey, ephemeral), HINT_BYTES);
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "PreSharedKey";
    }
}
