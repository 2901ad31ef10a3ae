package dev.livesync.database.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    /** documents.txt: a text and what Node 20 makes of it by {@code JSON.stringify(JSON.parse(text))}. */
    @Test
    void meansWhatJavaScriptMeans() throws IOException {
        List<String> lines = NumbersTest.lines("documents.txt");
        assertThat(lines).hasSize(400);
        for (int i = 0; i < lines.size(); i += 2) {
            assertThat(JsonWriter.write(JsonReader.object(lines.get(i)))).isEqualTo(lines.get(i + 1));
        }
    }

    private static Value.Mapping value(Map<?, ?> fields) {
        return JavaValues.toValue("", fields, false, null);
    }

    /** What the alpha would round is what is refused where nothing may be rounded. */
    @Test
    void exactlyIsEitherTheSameOrRefused() throws IOException {
        int refused = 0;
        for (String json : NumbersTest.lines("documents.txt")) {
            Value lenient = JsonReader.object(json);
            try {
                assertThat(JsonReader.object("x", json, true, null)).isEqualTo(lenient);
            } catch (SyncException e) {
                assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT);
                assertThat(e.getMessage()).containsAnyOf("round", "lone surrogate", "repeated key");
                refused++;
            }
        }
        assertThat(refused).isBetween(10, 399);
    }

    @Test
    void whatJsonLacksStaysWhereItStays() {
        Cid cid = Cid.hash(Cid.DAG_CBOR, new byte[] {1});
        Value.Mapping before = new Value.Mapping(Map.of(
                "bytes", new Value.Bytes(new byte[] {1, 2}),
                "list", new Value.Sequence(List.of(new Value.Link(cid), new Value.Int(Long.MAX_VALUE))),
                "map", new Value.Mapping(Map.of("big", new Value.BigInt(BigInteger.ONE.shiftLeft(63)))),
                "real", new Value.Real(-0.0)));
        assertThat(JsonReader.object("x", JsonWriter.write(before), true, before))
                .isEqualTo(before);
        Map<String, Object> plain = new HashMap<>(JavaValues.toMap(before));
        assertThat(JavaValues.toValue("x", plain, true, before)).isEqualTo(before);
        plain.put("n", 1);
        plain.put("other", "x");
        plain.remove("real");
        Map<String, Value> after = new HashMap<>(before.entries());
        after.put("n", new Value.Int(1));
        after.put("other", new Value.Text("x"));
        after.remove("real");
        assertThat(JavaValues.toValue("x", plain, true, before)).isEqualTo(new Value.Mapping(after));
        plain.put("moved", plain.remove("bytes"));
        assertThatThrownBy(() -> JavaValues.toValue("x", plain, true, before)).hasMessageContaining("$.moved");
        assertThat(JsonReader.object("x", "{\"a\":{\"/\":{\"bytes\":\"AQI\"}}}", true, before)
                        .entries()
                        .get("a"))
                .as("an ordinary object elsewhere")
                .isInstanceOf(Value.Mapping.class);
    }

    @Test
    void manyLoneSurrogatesCostNoTime() {
        String json = "{\"a\":\"" + "\\udc00".repeat(1_000_000) + "\"}";
        assertThat(JsonReader.object(json).entries().get("a")).isEqualTo(new Value.Text("\ufffd".repeat(1_000_000)));
    }

    @Test
    void lastOfRepeatedKeysCounts() {
        assertThat(JsonReader.object("{\"a\":1,\"b\":2,\"a\":3}"))
                .isEqualTo(new Value.Mapping(Map.of("a", new Value.Int(3), "b", new Value.Int(2))));
    }

    @Test
    void loneSurrogatesAreReplaced() {
        assertThat(JsonReader.object("{\"\\ud800x\":\"a\\udc00\",\"p\":\"\\ud83d\\ude00\\ud83d\"}"))
                .isEqualTo(new Value.Mapping(
                        Map.of("\ufffdx", new Value.Text("a\ufffd"), "p", new Value.Text("\ud83d\ude00\ufffd"))));
        assertThat(JsonReader.object("{\"\\\\ud800\":\"\\uD83D\\uDE00\",\"\\udbff\\ud83d\\ude00\":\"\ud800\"}"))
                .isEqualTo(new Value.Mapping(Map.of(
                        "\\ud800", new Value.Text("\ud83d\ude00"), "\ufffd\ud83d\ude00", new Value.Text("\ufffd"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "{", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}",
                        "{\"a\":NaN}",
                "{\"a\":Infinity}", "{\"a\":\"\n\"}", "{} {}", "{}x", "{\"a\":tru}", "{/**/}", "{\"a\":\"\\x\"}",
                        "\ufeff{}", "{\"a\" 1}", "{]"
            })
    void refusesWhatIsNotJson(String text) {
        assertThatThrownBy(() -> JsonReader.object(text)).isInstanceOfSatisfying(SyncException.class, e -> {
            assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED);
            assertThat(e.getMessage()).startsWith("not JSON").doesNotContain("\n");
        });
    }

    @Test
    void namesLineAndColumnButNeverContent() {
        assertThatThrownBy(() -> JsonReader.object("{\n  \"password\": hunter2\n}"))
                .hasMessageContaining("line 2")
                .hasMessageNotContaining("hunter")
                .hasMessageNotContaining("password");
    }

    @ParameterizedTest
    @CsvSource({
        "[1],INVALID_ARGUMENT",
        "17,INVALID_ARGUMENT",
        "null,INVALID_ARGUMENT",
        "'{\"a\":1e400}',INVALID_ARGUMENT"
    })
    void refusesWhatIsNoDocument(String text, ErrorKind kind) {
        assertThatThrownBy(() -> JsonReader.object(text))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void nestsTo512LevelsAndNoDeeper() {
        String inner = "[".repeat(511) + "]".repeat(511);
        assertThat(JsonWriter.write(JsonReader.object("{\"a\":" + inner + "}"))).isEqualTo("{\"a\":" + inner + "}");
        assertThatThrownBy(() -> JsonReader.object("{\"a\":[" + inner + "]}"))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED));
    }

    @Test
    void writesWhatJsonLacksAsDagJson() {
        Cid cid = Cid.hash(Cid.DAG_CBOR, new byte[] {1});
        Value value = new Value.Sequence(List.of(
                new Value.Link(cid),
                new Value.Bytes(new byte[] {(byte) 0xfb, (byte) 0xff}),
                new Value.BigInt(BigInteger.ONE.shiftLeft(63)),
                new Value.Int(Long.MAX_VALUE)));
        assertThat(JsonWriter.write(value))
                .isEqualTo("[{\"/\":\"" + cid
                        + "\"},{\"/\":{\"bytes\":\"+/8\"}},9223372036854775808,9223372036854775807]");
    }

    @Test
    void plainObjectsGoThereAndBack() {
        Map<String, Object> plain = new HashMap<>();
        plain.put("null", null);
        plain.put("text", "x");
        plain.put("true", true);
        plain.put("long", 12L);
        plain.put("real", 0.5);
        plain.put("list", List.of(1L, List.of("y")));
        plain.put("map", Map.of("z", 1L));
        assertThat(JavaValues.toMap(value(plain))).isEqualTo(plain);
    }

    @Test
    void everyJdkNumberIsJavaScripts() {
        assertThat(JavaValues.toMap(value(Map.of(
                        "a",
                        (byte) 1,
                        "b",
                        (short) 2,
                        "c",
                        3,
                        "d",
                        4L,
                        "e",
                        5f,
                        "f",
                        6.0,
                        "g",
                        new BigDecimal("7.0"),
                        "h",
                        BigInteger.valueOf(8)))))
                .isEqualTo(Map.of("a", 1L, "b", 2L, "c", 3L, "d", 4L, "e", 5L, "f", 6L, "g", 7L, "h", 8L));
        assertThat(JavaValues.toMap(value(Map.of("x", 9007199254740993L)))).isEqualTo(Map.of("x", 9007199254740992.0));
    }

    @Test
    void refusesStrangersCyclesAndInfinities() {
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        for (Object bad :
                new Object[] {new Object(), Double.NaN, Map.of(1, 2), 'c', new int[1], ErrorKind.CORRUPT, cycle}) {
            assertThatThrownBy(() -> value(Map.of("x", bad)))
                    .isInstanceOfSatisfying(
                            SyncException.class,
                            e -> assertThat(e.kind()).isIn(ErrorKind.INVALID_ARGUMENT, ErrorKind.LIMIT_EXCEEDED));
        }
    }
}
