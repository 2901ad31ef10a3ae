package dev.livesync.core.seal;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.api.internal.noise.HandshakeState;
import dev.livesync.api.internal.noise.X25519;
import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Refusal;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One end of the handshake of a sealed session, sans I/O: messages go in, messages to send come out. One thread at a time.
 *
 * <p>{@code Noise_NNpsk0_25519_AESGCM_SHA256}: the initiator, who dialled or accepted an offer, writes the first message, the responder the
 * second, and the initiator confirms. The first message can be one that somebody recorded. So all that comes of it is an answer, and a
 * responder has no {@link #result} before the confirmation, which only somebody can make who has read the answer.
 *
 * <p>Whatever a peer does wrong before it has proved the secret fails with the same words, {@link ErrorKind#AUTHENTICATION}; only another version
 * is told apart. A handshake that has failed stays so, and its keys are erased.
 */
public final class SealedHandshake {
    private enum Step {
        BEGIN,
        FIRST,
        SECOND,
        CONFIRMATION,
        DONE,
        FAILED
    }

    private static final int SALT_BYTES = 16;
    private static final int MIN_SECOND_BYTES = FirstMessage.MIN_BYTES - FirstMessage.EPHEMERAL_AT;
    private static final int MAX_SECOND_BYTES = FirstMessage.MAX_BYTES - FirstMessage.EPHEMERAL_AT;

    private final String remote;
    private final RandomGenerator random;
    private final Supplier<List<Credential>> credentials;
    private final BiFunction<String, HandshakePayload, HandshakePayload> answer;
    private final boolean initiator;
    private Step step = Step.BEGIN;
    private boolean met;
    private boolean told;
    private @Nullable HandshakeState noise;
    private HandshakePayload ours = HandshakePayload.EMPTY;
    private byte[] initiatorsKey = new byte[0];
    private @Nullable Seals seals;
    private @Nullable HandshakeResult result;

    private SealedHandshake(
            String remote,
            boolean initiator,
            Supplier<List<Credential>> credentials,
            BiFunction<String, HandshakePayload, HandshakePayload> answer,
            RandomGenerator random) {
        this.remote = remote;
        this.initiator = initiator;
        this.credentials = credentials;
        this.answer = answer;
        this.random = random;
    }

    /**
     * Creates the handshake of the end that dialled an address or accepted an offer.
     *
     * @param remote names the peer in messages
     * @param credential what it was given
     * @param payload what it says; asked for once, at the beginning
     * @param random where its ephemeral key comes from; has to be unpredictable
     * @return a handshake that {@link #begin begins} with the first message
     */
    public static SealedHandshake initiator(
            String remote, Credential credential, Supplier<HandshakePayload> payload, RandomGenerator random) {
        return new SealedHandshake(remote, true, () -> List.of(credential), (name, theirs) -> payload.get(), random);
    }

    /**
     * Creates the handshake of the end that listens or made the offer.
     *
     * @param remote names the peer in messages
     * @param credentials those that it takes; asked for once, when the first message has come
     * @param answer what it says, given the name of the credential and what the peer said. It may be called for a message that somebody
     *     recorded and repeats, so it must do nothing but answer
     * @param random where its ephemeral key comes from; has to be unpredictable
     * @return a handshake that waits for the first message
     */
    public static SealedHandshake responder(
            String remote,
            Supplier<List<Credential>> credentials,
            BiFunction<String, HandshakePayload, HandshakePayload> answer,
            RandomGenerator random) {
        return new SealedHandshake(remote, false, credentials, answer, random);
    }

    /**
     * Starts the handshake. Called once, first.
     *
     * @return what to send, in order
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} if our payload is too long
     */
    public List<Message> begin() {
        if (!initiator) {
            step = Step.FIRST;
            return List.of();
        }
        step = Step.FAILED;
        Credential credential = credentials.get().get(0);
        KeyPair ephemeral = ephemeral();
        noise = credential.state(true, ephemeral);
        initiatorsKey = X25519.raw(ephemeral.getPublic());
        byte[] first = noise.write(payload(credential, HandshakePayload.EMPTY));
        step = Step.SECOND;
        return List.of(Message.binary(FirstMessage.join(credential.key().hint(initiatorsKey), first)));
    }

    /**
     * Takes the peer's next message.
     *
     * @param message what came; read and not kept
     * @return what to send, in order
     * @throws SyncException {@link ErrorKind#AUTHENTICATION}, {@link ErrorKind#UNSUPPORTED} for another version, what the peer's {@link Refusal}
     *     says, or {@link ErrorKind#MALFORMED} or {@link ErrorKind#LIMIT_EXCEEDED} for a bad payload of a peer that knows the secret: nothing
     *     more may be sent but such a word of our own, the channel has to end
     */
    public List<Message> receive(Message message) {
        Step now = step;
        step = Step.FAILED;
        try {
            List<Message> out = switch (now) {
                case FIRST -> first(message);
                case SECOND -> second(message);
                case CONFIRMATION -> confirmation(message);
                default -> throw refused();
            };
            step = now == Step.FIRST ? Step.CONFIRMATION : Step.DONE;
            return out;
        } finally {
            if (step == Step.FAILED) {
                destroy();
            }
        }
    }

    /**
     * Whether the peer has said something that only speakers of sealed sessions say, and so would understand a {@link Refusal}.
     *
     * @return true if it has
     */
    public boolean metPeer() {
        return met;
    }

    /**
     * Whether it was the peer who ended the handshake, with a {@link Refusal}.
     *
     * @return true if so
     */
    public boolean toldByPeer() {
        return told;
    }

    /**
     * Whether both ends have proved the secret, to this very handshake.
     *
     * @return true when there is a {@link #result}
     */
    public boolean done() {
        return step == Step.DONE;
    }

    /**
     * What both have come to.
     *
     * @return the result
     * @throws IllegalStateException unless {@link #done}
     */
    public HandshakeResult result() {
        if (!done() || result == null) {
            throw new IllegalStateException("the handshake is not done");
        }
        return result;
    }

    /** Ends a handshake that is not done, and erases its keys. Idempotent. */
    public void destroy() {
        if (step != Step.DONE) {
            step = Step.FAILED;
            if (noise != null) {
                noise.destroy();
            }
            if (seals != null) {
                seals.destroy();
            }
        }
    }

    private List<Message> first(Message message) {
        byte[] bytes = message.payload();
        if (message.kind() != Message.Kind.BINARY || bytes.length == 0 || bytes.length > FirstMessage.MAX_BYTES) {
            throw refused();
        }
        if (bytes[0] != FirstMessage.VERSION) {
            met = true;
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    "the peer at " + remote + " speaks version " + (bytes[0] & 0xff)
                            + " of sealed sessions; this build knows " + FirstMessage.VERSION);
        }
        if (bytes.length < FirstMessage.MIN_BYTES) {
            throw refused();
        }
        met = true;
        byte[] noiseMessage = Arrays.copyOfRange(bytes, FirstMessage.EPHEMERAL_AT, bytes.length);
        KeyPair ephemeral = null;
        for (Credential credential : credentials.get()) {
            if (credential.isNamedBy(bytes)) {
                ephemeral = ephemeral == null ? ephemeral() : ephemeral; // strangers cost none
                HandshakeState state = credential.state(false, ephemeral);
                byte[] payload = readOrNull(state, noiseMessage);
                if (payload != null) {
                    noise = state;
                    initiatorsKey = Arrays.copyOf(noiseMessage, FirstMessage.EPHEMERAL_BYTES);
                    return answer(credential, payload);
                }
            }
        }
        throw refused();
    }

    private List<Message> answer(Credential credential, byte[] payload) {
        HandshakePayload theirs = payload(payload);
        HandshakeState state = state();
        byte[] second;
        try {
            second = state.write(payload(credential, theirs));
        } catch (SyncException e) {
            throw e.kind() == ErrorKind.AUTHENTICATION ? refused() : e;
        }
        finish(credential, theirs);
        return List.of(Message.binary(second));
    }

    private List<Message> second(Message message) {
        requireNoRefusal(message);
        if (message.kind() != Message.Kind.BINARY
                || message.size() < MIN_SECOND_BYTES
                || message.size() > MAX_SECOND_BYTES) {
            throw refused();
        }
        met = true; // an answer, if perhaps not to us
        byte[] payload = readOrNull(state(), message.payload());
        if (payload == null) {
            throw refused();
        }
        Credential credential = credentials.get().get(0);
        HandshakePayload theirs = payload(payload);
        Seals both = finish(credential, theirs);
        Message confirmation = both.sealer().confirmation();
        eraseIfNotNeeded(both);
        return List.of(confirmation);
    }

    private List<Message> confirmation(Message message) {
        if (seals == null) {
            throw new IllegalStateException("nothing was answered");
        }
        requireNoRefusal(message);
        try {
            seals.opener().confirm(message);
        } catch (SyncException e) {
            throw refused();
        }
        eraseIfNotNeeded(seals);
        return List.of();
    }

    /** Makes the keys, and the result that counts when the handshake is done. */
    private Seals finish(Credential credential, HandshakePayload theirs) {
        byte[] salt = Arrays.copyOf(state().hash(), SALT_BYTES);
        CipherState[] ciphers = state().split();
        Seals both = new Seals(new Sealer(ciphers[0]), new Opener(remote, ciphers[1]));
        seals = both;
        // Both ends have authenticated what the other sees, so both decide alike.
        boolean bound = ours.binding().length > 0 && MessageDigest.isEqual(ours.binding(), theirs.binding());
        boolean same = ClockTag.isSame(initiatorsKey, !initiator, ours.clock(), theirs.clock());
        result = new HandshakeResult(
                credential.name(), theirs, same, salt, bound ? Optional.empty() : Optional.of(both));
        return both;
    }

    private void eraseIfNotNeeded(Seals both) {
        if (result != null && result.seals().isEmpty()) {
            both.destroy();
        }
    }

    /** Asks what this end says, and makes bytes of it. */
    private byte[] payload(Credential credential, HandshakePayload theirs) {
        ours = answer.apply(credential.name(), theirs);
        byte[] clock = ours.clock();
        return (clock.length == 0 ? ours : ours.withClock(ClockTag.of(initiatorsKey, initiator, clock))).write();
    }

    private HandshakeState state() {
        if (noise == null) {
            throw new IllegalStateException("the handshake has not begun");
        }
        return noise;
    }

    private KeyPair ephemeral() {
        byte[] raw = new byte[X25519.BYTES];
        random.nextBytes(raw);
        try {
            return X25519.pair(raw);
        } finally {
            Arrays.fill(raw, (byte) 0);
        }
    }

    /** A message's payload; null if it is not of somebody who knows the secret. */
    private static byte @Nullable [] readOrNull(HandshakeState state, byte[] message) {
        try {
            return state.read(message);
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.AUTHENTICATION || e.kind() == ErrorKind.MALFORMED) {
                return null;
            }
            throw e;
        }
    }

    private HandshakePayload payload(byte[] bytes) {
        try {
            return HandshakePayload.read(bytes);
        } catch (SyncException e) {
            throw new SyncException(e.kind(), "the peer at " + remote + ": " + e.getMessage(), e);
        }
    }

    /** Throws what the peer says in the place of its next message, if it says that. */
    private void requireNoRefusal(Message message) {
        SyncException refusal = Refusal.read(remote, message);
        if (refusal != null) {
            told = true;
            throw refusal;
        }
    }

    private SyncException refused() {
        return new SyncException(
                ErrorKind.AUTHENTICATION,
                "the peer at " + remote
                        + " did not prove that it knows the secret, or it is not the database or the offer that was named");
    }
}
