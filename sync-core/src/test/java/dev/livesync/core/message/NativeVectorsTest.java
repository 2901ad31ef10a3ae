package dev.livesync.core.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.json.Json;
import dev.livesync.grant.Rights;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What {@code interop/native-vectors.mjs} wrote, which has another implementation of the messages: every byte is the same here, both ways. */
class NativeVectorsTest {
    private static final HexFormat HEX = HexFormat.of();

    private final Map<String, ?> vectors = vectors();

    private static Map<String, ?> vectors() {
        try (InputStream in = NativeVectorsTest.class.getResourceAsStream("/native/messages.json")) {
            return Json.read("the vectors", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyMessageHasTheSameBytesAndMeansTheSame() {
        List<?> messages = (List<?>) vectors.get("messages");
        for (Object one : messages) {
            Fields fields = new Fields((Map<?, ?>) one);
            byte[] wire = HEX.parseHex(fields.text("wire"));
            assertThat(HEX.formatHex(written(fields))).as("%s", one).isEqualTo(fields.text("wire"));
            WireMessage read = BinaryParser.parse(wire);
            if (read instanceof WireMessage.Reconcile part) {
                assertThat(part.number()).as("%s", one).isEqualTo(fields.number("number"));
                assertThat(HEX.formatHex(part.bytes())).as("%s", one).isEqualTo(fields.text("content"));
            } else if (read instanceof WireMessage.Shown shown) {
                assertThat(HEX.formatHex(shown.bytes())).as("%s", one).isEqualTo(fields.text("content"));
            } else {
                assertThat(read).as("%s", one).isEqualTo(message(fields));
            }
        }
        Set<String> types = messages.stream()
                .map(one -> new Fields((Map<?, ?>) one).text("type"))
                .collect(Collectors.toSet());
        assertThat(types).as("all types but pieces and packs").hasSize(15);
    }

    private static byte[] written(Fields fields) {
        return switch (fields.text("type")) {
            case "begin" ->
                BinaryEncoding.INSTANCE
                        .begin(Message.Kind.BINARY, fields.number("bytes"))
                        .payload();
            case "ok" -> whole(BinaryEncoding.INSTANCE.ok());
            case "reconciliation" ->
                whole(BinaryEncoding.reconciliation(fields.number("number"), HEX.parseHex(fields.text("content"))));
            default -> BinaryEncoding.INSTANCE.control(message(fields)).payload();
        };
    }

    private static byte[] whole(OutgoingMessage message) {
        byte[] bytes = new byte[(int) message.size()];
        for (int i = 0; i < bytes.length; i++) {
            message.next(bytes, i, 1);
        }
        return bytes;
    }

    private static WireMessage message(Fields fields) {
        return switch (fields.text("type")) {
            case "credit" -> new WireMessage.Credit(fields.number("bytes"));
            case "ack" -> new WireMessage.Ack(fields.number("sections"), fields.heads(), fields.digest());
            case "ping" -> new WireMessage.Ping(fields.number("number"));
            case "pong" -> new WireMessage.Pong(fields.number("number"));
            case "bye" -> new WireMessage.Bye();
            case "error" -> new WireMessage.Failure(fields.text("kind"), fields.text("text"));
            case "rights" ->
                new WireMessage.Access(
                        !fields.is("write") ? Rights.READ : fields.is("read") ? Rights.READ_WRITE : Rights.WRITE);
            case "refused" ->
                new WireMessage.Refused(
                        fields.number("first"),
                        fields.number("count"),
                        fields.has("event") ? cid(fields.text("event")) : null,
                        fields.text("text"));
            case "begin" -> new WireMessage.Begin(Message.Kind.BINARY, fields.number("bytes"));
            case "again" -> new WireMessage.Again();
            case "wantAck" -> new WireMessage.WantAck();
            case "ok" -> new WireMessage.Ok();
            case "presence" -> new WireMessage.Shown(HEX.parseHex(fields.text("content")));
            case "goAway" -> new WireMessage.GoAway(fields.number("millis"));
            default -> throw new AssertionError("no such type: " + fields.text("type"));
        };
    }

    private static Cid cid(Object digest) {
        return Cid.ofDigest(Cid.DAG_CBOR, HEX.parseHex((String) digest), 0);
    }

    @Test
    void typesForLaterAreIgnored() {
        for (Object wire : (List<?>) vectors.get("ignored")) {
            assertThat(BinaryParser.parse(HEX.parseHex((String) wire)))
                    .as("%s", wire)
                    .isEqualTo(new WireMessage.Unknown());
        }
    }

    @Test
    void whatTheOtherRefusesIsRefused() {
        ((Map<?, ?>) vectors.get("malformed")).forEach((why, messages) -> {
            for (Object wire : (List<?>) messages) {
                assertThatThrownBy(() -> BinaryParser.parse(HEX.parseHex((String) wire)))
                        .as("%s: %s", why, wire)
                        .isInstanceOfSatisfying(
                                SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
            }
        });
    }

    private record Fields(Map<?, ?> map) {
        boolean has(String field) {
            return map.containsKey(field);
        }

        String text(String field) {
            return (String) map.get(field);
        }

        long number(String field) {
            return Long.parseLong(text(field));
        }

        boolean is(String field) {
            return (Boolean) map.get(field);
        }

        @Nullable
        List<Cid> heads() {
            return has("heads")
                    ? ((List<?>) map.get("heads"))
                            .stream().map(NativeVectorsTest::cid).toList()
                    : null;
        }

        @Nullable
        ClockDigest digest() {
            return has("digest")
                    ? new ClockDigest(
                            number("count"),
                            Base64.getUrlEncoder().withoutPadding().encodeToString(HEX.parseHex(text("digest"))))
                    : null;
        }
    }
}
