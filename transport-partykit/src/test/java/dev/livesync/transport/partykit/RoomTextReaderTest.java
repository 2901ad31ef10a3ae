package dev.livesync.transport.partykit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.SyncException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoomTextReaderTest {
    @Test
    void readsWhatRoomsSay() {
        assertThat(RoomTextReader.read("{\"room\":1,\"you\":\"a-1\",\"peers\":{\"b\":[\"s\",\"t\"],\"c\":[]}}"))
                .isEqualTo(Map.of(
                        "room",
                        new RoomTextReader.Literal("1"),
                        "you",
                        "a-1",
                        "peers",
                        Map.of("b", List.of("s", "t"), "c", List.of())));
        assertThat(RoomTextReader.read(" { \"k\" : \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\" } "))
                .isEqualTo(Map.of("k", "\"\\/\b\f\n\r\té😀"));
        assertThat(RoomTextReader.read("{\"a\":null,\"b\":true,\"c\":-1.5e3,\"d\":{}}"))
                .containsOnlyKeys("a", "b", "c", "d");
    }

    @Test
    void refusesWhatIsNoObject() {
        for (String wrong : List.of(
                "",
                " ",
                "1",
                "[]",
                "\"x\"",
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{a:1}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":nil}",
                "{\"a\":[1,]}",
                "{\"a\":\"\u0001\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u00g0\"}",
                "{\"a\":\"\\u00\uff11\uff11\"}",
                "{} {}",
                "{\"a\":".repeat(20_000),
                "{\"a\":" + "[".repeat(17) + "]".repeat(17) + "}")) {
            assertThatThrownBy(() -> RoomTextReader.read(wrong))
                    .as(wrong.length() > 60 ? wrong.substring(0, 60) : wrong)
                    .isInstanceOf(SyncException.class);
        }
    }

    /** Whatever comes, it is read or refused, and no other exception escapes. */
    @Test
    void anyTextIsReadOrRefused() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String parts = "{}[]\":,\\u0123456789abcdeftrunlsé \n";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder("{\"a\":");
            for (int n = random.nextInt(30); n > 0; n--) {
                text.append(parts.charAt(random.nextInt(parts.length())));
            }
            try {
                assertThat(RoomTextReader.read(text.toString()))
                        .as("seed %d", seed)
                        .isNotNull();
            } catch (SyncException e) {
                assertThat(e).as("seed %d: %s", seed, text).hasMessageContaining("no JSON");
            }
        }
    }
}
