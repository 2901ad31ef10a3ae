package dev.livesync.core.seal;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * A secret with which somebody may be let in, and what it is for. A listener has any number of them.
 *
 * @param name what this end calls it, such as a grant's name; it does not travel
 * @param key made of the secret
 * @param prologue what both ends have to know alike
 */
public record Credential(String name, PreSharedKey key, Prologue prologue) {
    /**
     * Whether the first message of a handshake names this credential. That is a hint, which anybody can repeat who has seen it: it proves
     * nothing, and serves to find the credential among many, or the offer whose answer is still to come.
     *
     * @param first the message's bytes, of any length
     * @return true if the hint fits
     */
    public boolean isNamedBy(byte[] first) {
        int ephemeral = FirstMessage.EPHEMERAL_AT;
        if (first.length < FirstMessage.MIN_BYTES) {
            return false;
        }
        return MessageDigest.isEqual(
                key.hint(Arrays.copyOfRange(first, ephemeral, ephemeral + FirstMessage.EPHEMERAL_BYTES)),
                Arrays.copyOfRange(first, FirstMessage.HINT_AT, ephemeral));
    }
}
