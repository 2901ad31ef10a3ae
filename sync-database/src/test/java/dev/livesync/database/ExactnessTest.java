package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is put comes back as it was put, or is refused by name: decision 7 and what follows it. */
class ExactnessTest {
    private final Database database = Database.inMemory();

    @AfterEach
    void close() {
        database.close();
    }

    static Stream<Object> inexact() {
        return Stream.of(
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                9007199254740993L,
                new BigInteger("9007199254740993"),
                BigInteger.ONE.shiftLeft(60),
                new BigDecimal("0.10000000000000000001"),
                new BigDecimal("3.14159265358979323846"),
                new BigDecimal("1e-400"),
                new BigDecimal("9007199254740992.5"),
                "a\ud800",
                new byte[] {1},
                Cid.hash(Cid.DAG_CBOR, new byte[] {1}));
    }

    @ParameterizedTest
    @MethodSource("inexact")
    void refusesWhatWouldComeBackDifferent(Object value) {
        SyncException e = catchThrowableOfType(
                SyncException.class, () -> database.put("a", Map.of("list", List.of(1, Map.of("x", value)))));
        assertThat(e).isNotNull();
        assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT);
        assertThat(e.getMessage()).contains("document \"a\"").contains("$.list[1].x");
        assertThat(database.get("a")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9007199254740993",
                "-9007199254740993",
                "9223372036854775807",
                "1152921504606846976",
                "0.10000000000000000001",
                "123456789.123456789123",
                "1e-400",
                "1e400",
                "\"\\ud800\"",
                "\"\\ud83d \\ude00\"",
                "{\"y\":1,\"y\":1}",
                "{\"\\udc00\":1}"
            })
    void refusesJsonThatWouldComeBackDifferent(String value) {
        SyncException e = catchThrowableOfType(
                SyncException.class, () -> database.put("a", "{\"list\":[1,{\"x\":" + value + "}]}"));
        assertThat(e).isNotNull();
        assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT);
        assertThat(e.getMessage()).contains("document \"a\"").contains("$.list[1].x");
        assertThat(database.get("a")).isEmpty();
    }

    static Stream<Number> exact() {
        return Stream.of(
                9007199254740991L,
                -9007199254740991L,
                9007199254740992L,
                new BigInteger("-9007199254740992"),
                new BigInteger("1000000000000000000000"),
                BigInteger.TEN.pow(300),
                new BigDecimal("0.1"),
                new BigDecimal("-12.3400"),
                new BigDecimal("1e21"),
                new BigDecimal("5e-324"),
                new BigDecimal("1.7976931348623157e308"),
                new BigDecimal("4.9e-300"),
                0.1,
                -0.5f,
                0.1f,
                Double.MAX_VALUE,
                Double.MIN_VALUE,
                (short) 7,
                (byte) -1,
                0);
    }

    @ParameterizedTest
    @MethodSource("exact")
    void keepsWhatComesBackEqual(Number number) {
        database.put("java", Map.of("n", number));
        database.put("json", "{\"n\":" + (number instanceof Float f ? Double.toString(f) : number.toString()) + "}");
        for (String id : List.of("java", "json")) {
            Document read = database.get(id).orElseThrow();
            Number back = (Number) read.toMap().get("n");
            BigDecimal printed =
                    new BigDecimal(read.json().substring(5, read.json().length() - 1));
            assertThat(back).isNotNull();
            assertThat(back.doubleValue()).isEqualTo(number.doubleValue());
            assertThat(printed.doubleValue()).isEqualTo(number.doubleValue());
            if (!(number instanceof Double || number instanceof Float)) {
                assertThat(printed).isEqualByComparingTo(new BigDecimal(number.toString()));
            }
        }
    }

    /** As C, Java before 19 and others write doubles: more digits than are needed, and all of them right. */
    @ParameterizedTest
    @ValueSource(
            strings = {"0.10000000000000001", "4.9E-324", "2.2250738585072014E-308", "1.0E22", "-0.30000000000000004"})
    void takesEveryWayToWriteADouble(String text) {
        database.put("a", "{\"n\":" + text + "}");
        assertThat(Double.parseDouble(
                        database.get("a").orElseThrow().json().substring(5).replace("}", "")))
                .isEqualTo(Double.parseDouble(text));
    }

    @Test
    void aNumberOfAMillionDigitsCostsNoTime() {
        String digits = "9".repeat(1_000_000);
        assertThatThrownBy(() -> database.put("a", "{\"n\":0." + digits + "}"))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT));
        database.put("b", "{\"n\":1" + "0".repeat(1_000_000) + "e-1000000}");
        assertThat(database.get("b").orElseThrow().json()).isEqualTo("{\"n\":1}");
        database.put("c", "{\"n\":0e99999999999999999999,\"m\":-0.0e-99999999999999999999}");
        assertThat(database.get("c").orElseThrow().json()).isEqualTo("{\"m\":0,\"n\":0}");
    }

    @Test
    void aPathNamesOddKeysSafelyAndBriefly() {
        String key = "k".repeat(1_000_000);
        assertThatThrownBy(() -> database.put("a", Map.of("a b", Map.of("c\"\n", Map.of(key, Long.MAX_VALUE)))))
                .hasMessageContaining("$[\"a b\"][\"c\\\"\\n\"].kkk")
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(400));
    }

    @Test
    void sizeErrorsNameTheDocumentAndTheOption() {
        DatabaseOptions small = DatabaseOptions.builder()
                .maxDocumentBytes(1_000)
                .maxBatchBytes(2_000)
                .maxBatchEvents(3)
                .build();
        try (Database limited = Database.inMemory(small)) {
            String large = "{\"t\":\"" + "x".repeat(1_000) + "\"}";
            String half = "{\"t\":\"" + "x".repeat(900) + "\"}";
            assertThatThrownBy(() -> limited.put("big", large))
                    .hasMessageContaining("document \"big\"")
                    .hasMessageContaining("maxDocumentBytes")
                    .hasMessageContaining("1000");
            assertThatThrownBy(() ->
                            limited.write(b -> b.put("1", half).put("2", half).put("3", half)))
                    .hasMessageContaining("document \"3\"")
                    .hasMessageContaining("maxBatchBytes");
            assertThatThrownBy(() -> limited.write(
                            b -> b.put("1", "{}").put("2", "{}").put("3", "{}").put("4", "{}")))
                    .hasMessageContaining("document \"4\"")
                    .hasMessageContaining("maxBatchEvents");
            assertThat(limited.summary().events()).isZero();
        }
    }

    @Test
    void aRefusedPutLeavesTheBatchAsItWas() {
        DatabaseOptions small = DatabaseOptions.builder().maxBatchBytes(2_000).build();
        try (Database limited = Database.inMemory(small)) {
            limited.write(b -> {
                b.put("1", "{\"n\":1}").put("2", "{\"n\":2}");
                assertThatThrownBy(() -> b.put("1", "{\"t\":\"" + "x".repeat(3_000) + "\"}"))
                        .isInstanceOf(SyncException.class);
            });
            assertThat(limited.get("1").orElseThrow().json()).isEqualTo("{\"n\":1}");
        }
    }

    /** Another option would not help. */
    @Test
    void onlySizesNameTheOptionForSizes() {
        try (Database db = Database.inMemory()) {
            assertThatThrownBy(() -> db.put("many", "{\"a\":[" + "1,".repeat(1 << 20) + "1]}"))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED))
                    .hasMessageContaining("document \"many\"")
                    .hasMessageContaining("1048576 values")
                    .hasMessageNotContaining("maxDocumentBytes");
        }
    }
}
