package dev.livesync.core.seal;

import dev.livesync.api.internal.noise.Hkdf;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * What an end says of its clock in the handshake: enough to compare two, and nothing to whoever doesn't know either. Each handshake and each
 * direction has tags of its own, so none can be repeated by somebody who doesn't hold that clock, and nobody can make two clocks of one tag.
 */
final class ClockTag {
    static final int BYTES = 16;

    private static final byte[] INITIATOR = "initiator".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RESPONDER = "responder".getBytes(StandardCharsets.US_ASCII);

    private ClockTag() {}

    /**
     * The tag of a clock.
     *
     * @param ephemeral the initiator's ephemeral public key
     * @param initiator who says it
     * @param digest of the clock
     */
    static byte[] of(byte[] ephemeral, boolean initiator, byte[] digest) {
        byte[] role = initiator ? INITIATOR : RESPONDER;
        byte[] said = Arrays.copyOf(role, role.length + digest.length);
        System.arraycopy(digest, 0, said, role.length, digest.length);
        return Arrays.copyOf(Hkdf.hmac(ephemeral, said), BYTES);
    }

    /** Whether the other end has the clock of this digest; false where one of them says nothing. */
    static boolean isSame(byte[] ephemeral, boolean theyInitiate, byte[] digest, byte[] theirs) {
        return digest.length > 0 && MessageDigest.isEqual(of(ephemeral, theyInitiate, digest), theirs);
    }
}
