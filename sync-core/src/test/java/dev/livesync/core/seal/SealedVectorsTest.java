package dev.livesync.core.seal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.internal.noise.Aead;
import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.api.internal.noise.HandshakePattern;
import dev.livesync.api.internal.noise.HandshakeState;
import dev.livesync.api.internal.noise.X25519;
import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code interop/sealed-vectors.mjs} wrote, which has another implementation: every byte is the same here. */
class SealedVectorsTest {
    /** One session of the file. */
    record Vector(Map<?, ?> json) {
        String text(String name) {
            return (String) json.get(name);
        }

        byte[] bytes(String name) {
            return hex(text(name));
        }

        byte[] bytes(String name, int index) {
            return hex((String) ((List<?>) json.get(name)).get(index));
        }

        PreSharedKey key() {
            return PreSharedKey.of(secret("secret"), text("answer").isEmpty() ? null : secret("answer"));
        }

        private Secret secret(String name) {
            return Secret.parse(name, ErrorKind.MALFORMED, text(name));
        }

        Prologue prologue() {
            return new Prologue(bytes("offerHash"), bytes("answerHash"), text("database"));
        }

        /** Made here of the digest; the payload has the other implementation's. */
        byte[] clockTag(int index) {
            byte[] key = X25519.raw(X25519.pair(bytes("ephemerals", 0)).getPublic());
            return ClockTag.of(key, index == 0, bytes("clocks", index));
        }

        HandshakeState end(boolean initiator) {
            return new HandshakeState(
                    HandshakePattern.NN_PSK0,
                    Aead.AES_GCM,
                    initiator,
                    prologue().bytes(),
                    null,
                    X25519.pair(bytes("ephemerals", initiator ? 0 : 1)),
                    key().bytes());
        }

        @Override
        public String toString() {
            return text("name");
        }
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    static List<Vector> vectors() throws IOException {
        try (InputStream in = SealedVectorsTest.class.getResourceAsStream("/seal/vectors.json")) {
            Map<String, ?> json = Json.read("the vectors", new String(in.readAllBytes(), StandardCharsets.UTF_8));
            List<Vector> vectors = ((List<?>) json.get("sessions"))
                    .stream().map(session -> new Vector((Map<?, ?>) session)).toList();
            assertThat(vectors).hasSize(3);
            return vectors;
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theKeysTheHintAndThePrologueAreTheSame(Vector vector) {
        assertThat(vector.key().bytes()).isEqualTo(vector.bytes("psk"));
        assertThat(vector.prologue().bytes()).isEqualTo(vector.bytes("prologue"));
        byte[] first = vector.bytes("first");
        Credential credential = new Credential("x", vector.key(), vector.prologue());
        assertThat(credential.isNamedBy(first)).isTrue();
        assertThat(Arrays.copyOfRange(first, 1, 9))
                .isEqualTo(vector.key()
                        .hint(X25519.raw(
                                X25519.pair(vector.bytes("ephemerals", 0)).getPublic())));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theHandshakeAndEverySealedMessageAreTheSame(Vector vector) throws NoSuchAlgorithmException {
        HandshakeState initiator = vector.end(true);
        HandshakeState responder = vector.end(false);
        byte[] first = vector.bytes("first");
        assertThat(FirstMessage.join(Arrays.copyOfRange(first, 1, 9), initiator.write(vector.bytes("payloads", 0))))
                .isEqualTo(first);
        byte[] noise = Arrays.copyOfRange(first, FirstMessage.EPHEMERAL_AT, first.length);
        assertThat(responder.read(noise)).isEqualTo(vector.bytes("payloads", 0));
        byte[] second = responder.write(vector.bytes("payloads", 1));
        assertThat(second).isEqualTo(vector.bytes("second"));
        assertThat(initiator.read(second)).isEqualTo(vector.bytes("payloads", 1));
        assertThat(initiator.hash()).isEqualTo(vector.bytes("hash"));
        sealedMessages(vector, initiator.split(), responder.split());
    }

    private static void sealedMessages(Vector vector, CipherState[] ofInitiator, CipherState[] ofResponder)
            throws NoSuchAlgorithmException {
        Seals initiators = new Seals(new Sealer(ofInitiator[0]), new Opener("the responder", ofInitiator[1]));
        Seals responders = new Seals(new Sealer(ofResponder[0]), new Opener("the initiator", ofResponder[1]));
        int initiated = 0;
        for (Object each : (List<?>) vector.json().get("sealed")) {
            Map<?, ?> message = (Map<?, ?>) each;
            boolean initiator = message.get("from").equals("initiator");
            initiated += initiator ? 1 : 0;
            Sealer sealer = (initiator ? initiators : responders).sealer();
            Opener opener = (initiator ? responders : initiators).opener();
            byte[] content = hex((String) message.get("content"));
            Message sealed = switch ((String) message.get("type")) {
                case "text" -> sealer.seal(new Message(Message.Kind.TEXT, content));
                case "binary" -> sealer.seal(Message.binary(content));
                case "end" -> sealer.end();
                default -> sealer.confirmation();
            };
            assertThat(sealed.kind()).isEqualTo(Message.Kind.BINARY);
            assertThat(sealed.payload()).isEqualTo(hex((String) message.get("sealed")));
            if (message.get("type").equals("confirmation")) {
                opener.confirm(sealed);
            } else {
                Message opened = opener.open(sealed);
                assertThat(opened == null).isEqualTo(message.get("type").equals("end"));
                assertThat(opened == null ? content : opened.payload()).isEqualTo(content);
            }
        }
        long messages = (Long) vector.json().get("messages");
        assertThat(messages).isGreaterThan(Sealer.MESSAGES_PER_KEY);
        MessageDigest all = MessageDigest.getInstance("SHA-256");
        for (int i = initiated; i < messages; i++) {
            byte[] content = {(byte) i, (byte) (i + 7), (byte) (i + 14)};
            Message sealed = initiators.sealer().seal(Message.binary(content));
            all.update(sealed.payload());
            assertThat(responders.opener().open(sealed).payload()).isEqualTo(content);
        }
        assertThat(all.digest()).isEqualTo(vector.bytes("rest"));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void thePayloadsAreReadAndThoseWithoutUnknownFieldsWrittenAlike(Vector vector) {
        for (int i = 0; i < 2; i++) {
            byte[] bytes = vector.bytes("payloads", i);
            HandshakePayload payload = HandshakePayload.read(bytes);
            if (vector.text("name").equals("a named database") && i == 0) {
                assertThat(payload.write()).isEqualTo(bytes);
                assertThat(payload.features()).isEqualTo(0x25);
                assertThat(payload.window()).isEqualTo(4_194_304);
                assertThat(payload.clock()).isEqualTo(vector.clockTag(0));
                assertThat(payload.binding()).isEmpty();
            } else if (vector.text("name").equals("a named database")) {
                assertThat(payload.binding()).hasSize(32);
                assertThat(payload.clock()).isEqualTo(vector.clockTag(1));
                assertThat(payload.window()).isEqualTo(1);
                assertThat(payload.features()).isZero();
            } else {
                assertThat(payload.write()).isEqualTo(HandshakePayload.EMPTY.write());
            }
        }
    }
}
