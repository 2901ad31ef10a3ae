package dev.livesync.core.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The vectors that other implementations go by, too. */
@SuppressWarnings("unchecked") // the file's form
class IntroductionMessageTest {
    private final Map<String, Object> vectors = vectors();

    @Test
    void eachMessageHasItsBytes() {
        for (Map<String, Object> vector : list("messages")) {
            IntroductionMessage said = said(vector);
            assertThat(HexFormat.of().formatHex(said.write().payload())).isEqualTo(vector.get("hex"));
            assertThat(read(vector)).isEqualTo(said);
        }
    }

    @Test
    void whatOthersMayWriteIsRead() {
        for (Map<String, Object> vector : list("readable")) {
            assertThat(read(vector)).as("%s", vector.get("why")).isEqualTo(said(vector));
        }
    }

    @Test
    void whatIsNoneIsMalformed() {
        for (Map<String, Object> vector : list("malformed")) {
            assertThatThrownBy(() -> read(vector))
                    .as("%s", vector.get("why"))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
        }
        assertThatThrownBy(() -> IntroductionMessage.read("x", Message.text("\u0003")))
                .isInstanceOf(SyncException.class);
    }

    @Test
    void whatIsTooLongIsNotRead() {
        assertThatThrownBy(() -> IntroductionMessage.read("x", Message.binary(new byte[65_537])))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED));
    }

    @Test
    void noBytesDoAnythingElse() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<Map<String, Object>> seeds = list("messages");
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = bytes(seeds.get(random.nextInt(seeds.size()))).clone();
            for (int n = random.nextInt(4); n > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                IntroductionMessage.read("x", Message.binary(bytes));
            } catch (SyncException e) {
                assertThat(e.kind()).as("seed %d", seed).isEqualTo(ErrorKind.MALFORMED);
            }
        }
    }

    private static IntroductionMessage said(Map<String, Object> vector) {
        return switch ((String) vector.get("is")) {
            case "offer" ->
                new IntroductionMessage.Offer((String) vector.get("transport"), signal(Signal.Kind.OFFER, vector));
            case "answer" -> new IntroductionMessage.Answer(signal(Signal.Kind.ANSWER, vector));
            case "direct" -> new IntroductionMessage.Direct();
            default -> new IntroductionMessage.Stay((String) vector.get("reason"));
        };
    }

    private static Signal signal(Signal.Kind kind, Map<String, Object> vector) {
        return new Signal(kind, (Map<String, String>) vector.get("fields"));
    }

    private static IntroductionMessage read(Map<String, Object> vector) {
        return IntroductionMessage.read("x", Message.binary(bytes(vector)));
    }

    private static byte[] bytes(Map<String, Object> vector) {
        return HexFormat.of().parseHex((String) vector.get("hex"));
    }

    private List<Map<String, Object>> list(String name) {
        return (List<Map<String, Object>>) vectors.get(name);
    }

    private static Map<String, Object> vectors() {
        try (var in = IntroductionMessageTest.class.getResourceAsStream("/introduction/messages.json")) {
            return (Map<String, Object>)
                    (Map<?, ?>) Json.read("the vectors", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
