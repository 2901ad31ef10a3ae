package dev.livesync.core.seal;

import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.api.internal.noise.X25519;

/** The layout of the first message: the version in one byte, the hint, and Noise's message, which begins with the ephemeral key. */
final class FirstMessage {
    /** The version of sealed sessions that this build speaks. */
    static final byte VERSION = 1;

    static final int HINT_AT = 1;
    static final int EPHEMERAL_AT = HINT_AT + PreSharedKey.HINT_BYTES;
    static final int EPHEMERAL_BYTES = X25519.BYTES;
    static final int MIN_BYTES = EPHEMERAL_AT + EPHEMERAL_BYTES + CipherState.TAG_BYTES;
    static final int MAX_BYTES = MIN_BYTES + HandshakePayload.MAX_BYTES;

    private FirstMessage() {}

    static byte[] join(byte[] hint, byte[] noise) {
        byte[] first = new byte[EPHEMERAL_AT + noise.length];
        first[0] = VERSION;
        System.arraycopy(hint, 0, first, HINT_AT, hint.length);
        System.arraycopy(noise, 0, first, EPHEMERAL_AT, noise.length);
        return first;
    }
}
