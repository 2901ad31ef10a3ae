package dev.livesync.core.seal;

import dev.livesync.api.SyncException;
import dev.livesync.api.internal.noise.Aead;
import dev.livesync.api.internal.noise.HandshakePattern;
import dev.livesync.api.internal.noise.HandshakeState;
import dev.livesync.api.internal.noise.X25519;
import dev.livesync.core.handshake.Secret;
import java.nio.ByteBuffer;
import java.security.KeyPair;
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
    /** The name of a secret that nobody named: that of an address, or of an offer. */
    public static final String UNNAMED = "";

    /** For reading first messages, which takes no key of the reader's. */
    private static final KeyPair UNUSED = X25519.pair(new byte[X25519.BYTES]);

    /**
     * The secret of an address.
     *
     * @param secret the secret
     * @param database what the database is called; empty where the user gave it no name
     * @return an unnamed credential
     */
    public static Credential address(Secret secret, String database) {
        return new Credential(UNNAMED, PreSharedKey.of(secret, null), Prologue.address(database));
    }

    /**
     * The secret of a grant.
     *
     * @param name the grant's name, which isn't empty
     * @param secret the secret
     * @param database what the database is called; empty where the user gave it no name
     * @return a credential of that name
     */
    public static Credential grant(String name, Secret secret, String database) {
        return new Credential(name, PreSharedKey.of(secret, null), Prologue.address(database));
    }

    /**
     * What needs no secret, since the channel authenticates both ends. It proves nothing: whoever takes it has to know from the channel who the
     * peer is, and that both ends see the same binding.
     *
     * @param name the grant's name at the end that gives one; {@link #UNNAMED} at the other
     * @param database what the database is called; empty where the user gave it no name
     * @return a credential of that name
     */
    public static Credential identity(String name, String database) {
        return new Credential(name, PreSharedKey.ofNoSecret(), Prologue.address(database));
    }

    /**
     * The secrets of an offer and of its answer.
     *
     * @param offer the offer's secret
     * @param offerHash SHA-256 of its text
     * @param answer the answer's secret
     * @param answerHash SHA-256 of its text
     * @param database what the database is called; empty where the user gave it no name
     * @return an unnamed credential
     */
    public static Credential offer(Secret offer, byte[] offerHash, Secret answer, byte[] answerHash, String database) {
        return new Credential(UNNAMED, PreSharedKey.of(offer, answer), new Prologue(offerHash, answerHash, database));
    }

    /**
     * Whether the first message of a handshake names this credential. That is a hint, which anybody can repeat who has seen it: it proves
     * nothing, and serves to find the credential among many, or the offer whose answer is still to come.
     *
     * @param first the message's bytes, of any length
     * @return true if the hint fits
     */
    public boolean isNamedBy(byte[] first) {
        int ephemeral = FirstMessage.EPHEMERAL_AT;
        if (first.length < FirstMessage.MIN_BYTES || first.length > FirstMessage.MAX_BYTES) {
            return false;
        }
        return MessageDigest.isEqual(
                key.hint(Arrays.copyOfRange(first, ephemeral, ephemeral + FirstMessage.EPHEMERAL_BYTES)),
                Arrays.copyOfRange(first, FirstMessage.HINT_AT, ephemeral));
    }

    /**
     * Whether two first messages have the same hint and the same ephemeral key, as nobody's who makes them have. The hint covers no more than
     * the key; so whoever has seen one can follow it with anything, and the hint still fits.
     *
     * @param first bytes that {@linkplain #isNamedBy name} a credential
     * @param other too
     * @return true if one of them repeats the other
     */
    public static boolean isRepeat(byte[] first, byte[] other) {
        int from = FirstMessage.HINT_AT;
        int to = FirstMessage.EPHEMERAL_AT + FirstMessage.EPHEMERAL_BYTES;
        return ByteBuffer.wrap(first, from, to - from).equals(ByteBuffer.wrap(other, from, to - from));
    }

    /**
     * Whether the first message of a handshake was made with this credential: now, or once, since anybody can repeat it. Changes nothing.
     *
     * @param first the message's bytes, of any length
     * @return true if it decrypts
     */
    public boolean opens(byte[] first) {
        if (!isNamedBy(first)) {
            return false;
        }
        HandshakeState state = state(false, UNUSED);
        try {
            state.read(Arrays.copyOfRange(first, FirstMessage.EPHEMERAL_AT, first.length));
            return true;
        } catch (SyncException e) {
            return false;
        } finally {
            state.destroy();
        }
    }

    /** Noise's state at the beginning of a handshake. */
    HandshakeState state(boolean initiator, KeyPair ephemeral) {
        byte[] psk = key.bytes();
        try {
            return new HandshakeState(
                    HandshakePattern.NN_PSK0, Aead.AES_GCM, initiator, prologue.bytes(), null, ephemeral, psk);
        } finally {
            Arrays.fill(psk, (byte) 0);
        }
    }
}
