package dev.livesync.core.seal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.noise.Aead;
import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.api.internal.noise.HandshakeState;
import dev.livesync.api.internal.noise.X25519;
import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Refusal;
import dev.livesync.core.handshake.Secret;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** The handshake in both roles, its payloads, and sealed messages. Only whoever knows the secret gets further. */
public final class SealFuzz {
    private static final Set<ErrorKind> REFUSALS = Set.copyOf(
            EnumSet.of(ErrorKind.AUTHENTICATION, ErrorKind.UNSUPPORTED, ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED));

    /** And what a peer may say. */
    private static final Set<ErrorKind> SAID = Set.copyOf(EnumSet.of(
            ErrorKind.AUTHENTICATION,
            ErrorKind.UNSUPPORTED,
            ErrorKind.MALFORMED,
            ErrorKind.LIMIT_EXCEEDED,
            ErrorKind.REFUSED,
            ErrorKind.TIMEOUT,
            ErrorKind.NOT_FOUND,
            ErrorKind.DISCONNECTED));

    private static final Credential CREDENTIAL =
            Credential.address(Secret.parse("the secret", ErrorKind.MALFORMED, "fuzzfuzzfuzzfuzzfuzzfuzz"), "");
    private static final KeyPair EPHEMERAL = X25519.pair(new byte[X25519.BYTES]);
    private static final HandshakePayload PAYLOAD =
            new HandshakePayload(255, 4_096, new byte[32], new byte[8], new byte[0], "alice");

    private static final byte[] FIRST = begun().get(0).payload();
    private static final byte[] SECOND;
    private static final byte[] CONFIRMATION;

    static {
        SealedHandshake responder = responder();
        SECOND = responder.receive(Message.binary(FIRST)).get(0).payload();
        SealedHandshake initiator = initiator();
        initiator.begin();
        CONFIRMATION = initiator.receive(Message.binary(SECOND)).get(0).payload();
    }

    private SealFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(
                FuzzedReader.small("handshake-first", REFUSALS, SealFuzz::first, SealFuzz::firsts)
                        .allocating(500),
                FuzzedReader.small("handshake-second", SAID, SealFuzz::second, SealFuzz::seconds)
                        .allocating(500),
                FuzzedReader.small(
                        "handshake-payload",
                        Set.of(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED, ErrorKind.UNSUPPORTED),
                        SealFuzz::payload,
                        () -> List.of(
                                PAYLOAD.withClock(new byte[ClockTag.BYTES]).write(), HandshakePayload.EMPTY.write())),
                FuzzedReader.small(
                                "sealed-message",
                                Set.of(ErrorKind.AUTHENTICATION),
                                SealFuzz::sealed,
                                () -> List.of(
                                        Seeds.of(0, 0, "text".getBytes(StandardCharsets.US_ASCII), 0, 1, new byte[20]),
                                        Seeds.of(0, 1, new byte[3], 0, 2, new byte[0])))
                        .allocating(500));
    }

    private static SealedHandshake initiator() {
        return SealedHandshake.initiator("fuzz", CREDENTIAL, () -> PAYLOAD, new SplittableRandom(7));
    }

    private static List<Message> begun() {
        return initiator().begin();
    }

    private static SealedHandshake responder() {
        SealedHandshake responder = SealedHandshake.responder(
                "fuzz", () -> List.of(CREDENTIAL), (name, theirs) -> PAYLOAD, new SplittableRandom(8));
        responder.begin();
        return responder;
    }

    /** A stranger's bytes, a first message with any payload, or one that was changed. */
    private static void first(byte[] input) {
        Choices choices = new Choices(input);
        SealedHandshake responder = responder();
        byte[] message = switch (choices.below(4)) {
            case 0 -> choices.rest();
            case 1 -> {
                HandshakeState state = CREDENTIAL.state(true, EPHEMERAL);
                byte[] noise = state.write(choices.take(HandshakePayload.MAX_BYTES));
                yield FirstMessage.join(CREDENTIAL.key().hint(Arrays.copyOf(noise, X25519.BYTES)), noise);
            }
            case 2 -> choices.damage(FIRST);
            default -> FIRST;
        };
        boolean text = choices.below(16) == 15;
        List<Message> answer =
                responder.receive(text ? new Message(Message.Kind.TEXT, message) : Message.binary(message));
        assertThat(answer).hasSize(1);
        assertThat(responder.done()).isFalse();
        byte[] confirmation = choices.damage(CONFIRMATION);
        boolean honest = Arrays.equals(message, FIRST) && Arrays.equals(confirmation, CONFIRMATION);
        responder.receive(Message.binary(confirmation));
        assertThat(responder.done()).isTrue();
        assertThat(honest).as("only who knows the secret confirms").isTrue();
        assertThat(responder.result().credential()).isEqualTo(Credential.UNNAMED);
    }

    private static List<byte[]> firsts() {
        return List.of(Seeds.before(0, FIRST), Seeds.before(1, PAYLOAD.write()), new byte[] {3}, new byte[] {
            2, 1, 0, 9, 3, 1, 0
        });
    }

    private static void second(byte[] input) {
        Choices choices = new Choices(input);
        SealedHandshake initiator = initiator();
        initiator.begin();
        boolean text = false;
        boolean known = false;
        byte[] message;
        switch (choices.below(5)) {
            case 0 -> message = choices.rest();
            case 1 -> {
                text = true;
                message = choices.rest();
            }
            case 2 -> {
                known = true;
                HandshakeState state = CREDENTIAL.state(false, EPHEMERAL);
                state.read(Arrays.copyOfRange(FIRST, FirstMessage.EPHEMERAL_AT, FIRST.length));
                message = state.write(choices.take(HandshakePayload.MAX_BYTES));
            }
            case 3 -> message = choices.damage(SECOND);
            default -> message = SECOND;
        }
        List<Message> out;
        try {
            out = initiator.receive(text ? new Message(Message.Kind.TEXT, message) : Message.binary(message));
        } catch (SyncException e) {
            assertThat(initiator.done()).isFalse();
            assertThat(initiator.toldByPeer())
                    .isEqualTo(text && Refusal.read("fuzz", new Message(Message.Kind.TEXT, message)) != null);
            throw e;
        }
        assertThat(out).hasSize(1);
        assertThat(initiator.done()).isTrue();
        assertThat(known || Arrays.equals(message, SECOND)).isTrue();
    }

    private static List<byte[]> seconds() {
        return List.of(
                Seeds.before(0, SECOND),
                Seeds.before(1, Refusal.write(ErrorKind.REFUSED).payload()),
                Seeds.before(2, PAYLOAD.write()),
                new byte[] {4});
    }

    private static void payload(byte[] input) {
        HandshakePayload payload = HandshakePayload.read(input);
        byte[] written = payload.write();
        HandshakePayload again = HandshakePayload.read(written);
        assertThat(again.write()).isEqualTo(written);
        assertThat(again.features()).isEqualTo(payload.features()).isNotNegative();
        assertThat(again.window()).isEqualTo(payload.window()).isNotNegative();
        assertThat(again.name()).isEqualTo(payload.name());
        assertThat(again.clock()).isEqualTo(payload.clock());
        assertThat(again.instance()).isEqualTo(payload.instance());
        assertThat(again.binding()).isEqualTo(payload.binding());
    }

    /** Messages of any type, some of them changed, repeated or left out: what was sealed comes out in order, until something is wrong. */
    private static void sealed(byte[] input) {
        Choices choices = new Choices(input);
        byte[] key = new byte[CipherState.KEY_BYTES];
        CipherState sealing = new CipherState(Aead.AES_GCM, key);
        Opener opener = new Opener("fuzz", new CipherState(Aead.AES_GCM, key));
        List<byte[]> before = new ArrayList<>();
        for (int i = 0; i < 6 && !choices.isEmpty(); i++) {
            int what = choices.octet();
            byte type = (byte) choices.octet();
            byte[] content = choices.piece();
            byte[] frame = sealing.encrypt(content, type);
            byte[] arrives = switch (what % 16) {
                case 1 -> choices.damage(frame);
                case 2 -> before.isEmpty() ? frame : before.get(0);
                case 3 -> sealing.encrypt(content, type);
                default -> frame;
            };
            before.add(frame);
            boolean honest = Arrays.equals(arrives, frame) && !opener.ended();
            Message.Kind kind = type == 0 ? Message.Kind.TEXT : type == 1 ? Message.Kind.BINARY : null;
            boolean ends = type == 2 && content.length == 0;
            Message message;
            try {
                message = opener.open(Message.binary(arrives));
            } catch (SyncException e) {
                assertThat(honest && (kind != null || ends)).isFalse();
                throw e;
            }
            assertThat(honest).isTrue();
            if (message == null) {
                assertThat(ends).isTrue();
                assertThat(opener.ended()).isTrue();
            } else {
                assertThat(message.kind()).isEqualTo(kind);
                assertThat(message.payload()).isEqualTo(content);
            }
        }
    }
}
