package dev.livesync.api.internal.noise;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.noise.HandshakePattern.Token;
import java.io.ByteArrayOutputStream;
import java.security.KeyPair;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Noise's HandshakeState: one end of one handshake, after which both have a key for each direction. Pure: messages in, messages out, keys
 * given. One thread at a time.
 *
 * <p>A handshake that has failed stays so, and its keys are erased. They are erased after {@link #split}, too, as far as they are arrays of
 * ours: private keys of the JDK can't be.
 */
public final class HandshakeState {
    /** The longest message, in bytes. */
    public static final int MAX_MESSAGE_BYTES = 65_535;

    private static final byte[] NOTHING = {};

    private final List<List<Token>> messages;
    private final boolean withPsk;
    private final boolean initiator;
    private final @Nullable KeyPair ourStatic;
    private final KeyPair ourEphemeral;
    private final Deque<byte[]> psks = new ArrayDeque<>();
    private final SymmetricState symmetric;
    private byte[] theirEphemeral = NOTHING;
    private byte[] theirStatic = NOTHING;
    private int done;
    private boolean over;

    /**
     * Starts a handshake.
     *
     * @param pattern which keys are sent and mixed
     * @param aead the cipher
     * @param initiator whether this end writes the first message
     * @param prologue what both ends have to know alike; not kept
     * @param ourStatic the key that stays; null where the pattern sends none
     * @param ourEphemeral the key of this one handshake
     * @param psks one of 32 bytes for each in the pattern, in order; copied
     */
    public HandshakeState(
            HandshakePattern pattern,
            Aead aead,
            boolean initiator,
            byte[] prologue,
            @Nullable KeyPair ourStatic,
            KeyPair ourEphemeral,
            byte[]... psks) {
        this.messages = pattern.messages();
        this.withPsk = pattern.hasPsk();
        this.initiator = initiator;
        this.ourStatic = ourStatic;
        this.ourEphemeral = ourEphemeral;
        for (byte[] psk : psks) {
            if (psk.length != CipherState.KEY_BYTES) {
                throw new IllegalArgumentException("a pre-shared key of " + psk.length + " bytes");
            }
            this.psks.add(psk.clone());
        }
        this.symmetric = new SymmetricState(aead, pattern.protocol(aead));
        symmetric.mixHash(prologue);
    }

    /**
     * Whether the next message is ours.
     *
     * @return false when the handshake is done or has failed, too
     */
    public boolean isOurTurn() {
        return !over && !isDone() && (done % 2 == 0) == initiator;
    }

    /**
     * Whether all messages have passed.
     *
     * @return true before and after {@link #split}
     */
    public boolean isDone() {
        return done == messages.size();
    }

    /**
     * The peer's static key.
     *
     * @return a new array, empty until a message has brought it
     */
    public byte[] theirStatic() {
        return theirStatic.clone();
    }

    /**
     * The hash of everything that was said, by which both ends can name this handshake.
     *
     * @return 32 bytes, a new array
     */
    public byte[] hash() {
        return symmetric.hash();
    }

    /**
     * Writes our next message.
     *
     * @param payload what it carries; encrypted as far as the pattern has mixed a key by then
     * @return the message, a new array
     * @throws SyncException {@link ErrorKind#AUTHENTICATION} if the peer's key is of small order, {@link ErrorKind#LIMIT_EXCEEDED} for a
     *     payload that makes too long a message
     * @throws IllegalStateException unless {@link #isOurTurn}
     */
    public byte[] write(byte[] payload) {
        if (!isOurTurn()) {
            throw new IllegalStateException("it is not our turn");
        }
        over = true;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            for (Token token : messages.get(done)) {
                switch (token) {
                    case E -> {
                        byte[] key = X25519.raw(ourEphemeral.getPublic());
                        append(out, key);
                        mixEphemeral(key);
                    }
                    case S ->
                        append(
                                out,
                                symmetric.encryptAndHash(X25519.raw(ourStatic().getPublic())));
                    default -> mix(token);
                }
            }
            long length = (long) out.size() + payload.length + tagBytes();
            if (length > MAX_MESSAGE_BYTES) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        "a Noise message of " + length + " bytes; " + MAX_MESSAGE_BYTES + " is the most");
            }
            append(out, symmetric.encryptAndHash(payload));
            done++;
            over = false;
            return out.toByteArray();
        } finally {
            destroyIfOver();
        }
    }

    /**
     * Reads the peer's next message.
     *
     * @param message what came
     * @return its payload, a new array
     * @throws SyncException {@link ErrorKind#MALFORMED} for a length that it can't have, {@link ErrorKind#AUTHENTICATION} if it was not
     *     made for this handshake or brings a key of small order
     * @throws IllegalStateException if it is our turn, or the handshake is over
     */
    public byte[] read(byte[] message) {
        if (over || isDone() || isOurTurn()) {
            throw new IllegalStateException("it is not the peer's turn");
        }
        over = true;
        try {
            if (message.length > MAX_MESSAGE_BYTES) {
                throw new SyncException(
                        ErrorKind.MALFORMED, "its Noise message of " + message.length + " bytes is too long");
            }
            int at = 0;
            for (Token token : messages.get(done)) {
                switch (token) {
                    case E -> {
                        theirEphemeral = part(message, at, X25519.BYTES);
                        at += X25519.BYTES;
                        mixEphemeral(theirEphemeral);
                    }
                    case S -> {
                        int length = X25519.BYTES + tagBytes();
                        theirStatic = symmetric.decryptAndHash(part(message, at, length));
                        at += length;
                    }
                    default -> mix(token);
                }
            }
            byte[] payload = symmetric.decryptAndHash(part(message, at, Math.max(message.length - at, tagBytes())));
            done++;
            over = false;
            return payload;
        } finally {
            destroyIfOver();
        }
    }

    /**
     * Makes the keys of what follows, and erases those of the handshake. Called once.
     *
     * @return the cipher for sending, then the one for receiving
     * @throws IllegalStateException unless the handshake {@link #isDone is done}, or the second time
     */
    public CipherState[] split() {
        if (over || !isDone()) {
            throw new IllegalStateException("there are no keys to be had");
        }
        CipherState[] ciphers = symmetric.split();
        destroy();
        return initiator ? ciphers : new CipherState[] {ciphers[1], ciphers[0]};
    }

    /** Ends the handshake and erases its keys. Idempotent; not needed after a failure or {@link #split}. */
    public void destroy() {
        over = true;
        destroyIfOver();
    }

    private void destroyIfOver() {
        if (over) {
            symmetric.destroy();
            psks.forEach(psk -> Arrays.fill(psk, (byte) 0));
            psks.clear();
        }
    }

    private void mixEphemeral(byte[] key) {
        symmetric.mixHash(key);
        if (withPsk) {
            symmetric.mixKey(key);
        }
    }

    private void mix(Token token) {
        if (token == Token.PSK) {
            byte[] psk = psks.remove();
            symmetric.mixKeyAndHash(psk);
            Arrays.fill(psk, (byte) 0);
            return;
        }
        boolean ourStaticOne = token != Token.EE && (token == Token.SE) == initiator;
        boolean theirStaticOne = token != Token.EE && !ourStaticOne;
        byte[] secret = X25519.agree(
                (ourStaticOne ? ourStatic() : ourEphemeral).getPrivate(),
                theirStaticOne ? theirStatic : theirEphemeral);
        symmetric.mixKey(secret);
        Arrays.fill(secret, (byte) 0);
    }

    private KeyPair ourStatic() {
        if (ourStatic == null) {
            throw new IllegalStateException("the pattern needs a static key");
        }
        return ourStatic;
    }

    private int tagBytes() {
        return symmetric.hasKey() ? CipherState.TAG_BYTES : 0;
    }

    private byte[] part(byte[] message, int from, int length) {
        if (message.length - from < length) {
            throw new SyncException(ErrorKind.MALFORMED, "its Noise message " + (done + 1) + " is too short");
        }
        return Arrays.copyOfRange(message, from, from + length);
    }

    private static void append(ByteArrayOutputStream out, byte[] bytes) {
        out.write(bytes, 0, bytes.length);
    }
}
