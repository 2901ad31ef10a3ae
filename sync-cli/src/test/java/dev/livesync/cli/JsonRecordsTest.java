package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonRecordsTest {
    private static final IdRule STANDARD = IdRule.standard(() -> "generated");

    private static RecordReader reader(byte[] text, IdRule ids) throws IOException {
        return new JsonRecords(new TextReader(new ByteArrayInputStream(text), Encoding.UTF_8), ids);
    }

    private static RecordReader reader(String text, IdRule ids) throws IOException {
        return reader(text.getBytes(StandardCharsets.UTF_8), ids);
    }

    private static InputRecord record(long line, long column, String id, String json) {
        return new InputRecord(new InputRecord.Place(line, column), id, json, false, List.of());
    }

    private static List<InputRecord> all(RecordReader reader) throws IOException {
        List<InputRecord> records = new ArrayList<>();
        for (InputRecord r = reader.next(); r != null; r = reader.next()) {
            records.add(r);
        }
        return records;
    }

    private static List<InputRecord> lines(String text) throws IOException {
        return all(reader(text, STANDARD));
    }

    private static List<InputRecord> array(String text) throws IOException {
        return lines(text);
    }

    private static SyncException failure(ThrowingCallable call) {
        return catchThrowableOfType(SyncException.class, call);
    }

    @Test
    void readsOneRecordPerLineAndKeepsTheIdOutOfTheDocument() throws IOException {
        assertThat(lines("{\"_id\":\"a\",\"n\":1}\n\n  \r\n{\"n\":[{\"_id\":2}],\"_id\":7}\r\n{\"x\":{}}"))
                .containsExactly(
                        record(1, 1, "a", "{\"n\":1}"),
                        record(4, 1, "7", "{\"n\":[{\"_id\":2}]}"),
                        record(5, 1, "generated", "{\"x\":{}}"));
    }

    @Test
    void readsAnArrayOverManyLines() throws IOException {
        assertThat(
                        array(
                                "[\n {\"_id\":\"a\"},\n {\n\"_id\":\"b\",\"t\":true,\"f\":false,\"z\":null,\"s\":\"\\u00e9\"}\n]\n"))
                .containsExactly(
                        record(2, 2, "a", "{}"), record(3, 2, "b", "{\"t\":true,\"f\":false,\"z\":null,\"s\":\"é\"}"));
        assertThat(array("[]")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "-0", "1e300", "12345678901234567890123", "0.1000000000000000055511151231257827"})
    void handsNumbersOnAsTheyWereWritten(String number) throws IOException {
        assertThat(lines("{\"n\":" + number + "}"))
                .containsExactly(record(1, 1, "generated", "{\"n\":" + number + "}"));
    }

    @Test
    void aNamedFieldBecomesTheIdAndStays() throws IOException {
        IdRule named = IdRule.named("code");
        assertThat(all(reader("{\"code\":\"CH\",\"n\":1}", named)))
                .containsExactly(record(1, 1, "CH", "{\"code\":\"CH\",\"n\":1}"));
        assertThat(failure(() -> all(reader("{\"code\":\"CH\"}\n{\"n\":1}", named))))
                .hasMessage("line 2, column 1: the record has no field \"code\" to be its id");
    }

    @Test
    void anEmptyIdIsOneWhereItIsTheIdOfADocument() throws IOException {
        assertThat(lines("{\"_id\":\"\",\"n\":1}")).containsExactly(record(1, 1, "", "{\"n\":1}"));
        IdRule named = IdRule.named("code");
        SyncException e = failure(() -> all(reader("{\"code\":\"\"}", named)));
        assertThat(e).hasMessage("line 1, column 1: the record has an empty field \"code\", which cannot be its id");
        assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"secret\":1,}           | malformed JSON",
                "{\"secret\":tru}          | malformed JSON",
                "{\"secret\":\"abc         | it ends in the middle of a record",
                "{\"secret\":{\"a\":1}     | it ends in the middle of a record",
                "{\"_id\":\"a\"} {\"_id\"} | a second value begins on the same line",
                "[{\"a\":1}]               | a record is a JSON object, this is an array",
                "\"secret\"                | a record is a JSON object, this is a single value",
                "{\"_id\":null}            | an id is a text or a whole number, or what .*",
                "{\"_id\":1.5}             | an id is a text or a whole number, or what .*",
                "{\"_id\":{}}              | an id is a text or a whole number, or what .*"
            })
    void aBadLineIsNamedAndNotQuoted(String line, String what) {
        SyncException e = failure(() -> lines("{\"_id\":\"ok\"}\n" + line + "\n{\"_id\":\"never\"}\n"));
        assertThat(e.getMessage()).matches("line 2, column \\d+: " + what);
        assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED);
    }

    @Test
    void recordsBeforeTheBadOneAreRead() throws IOException {
        RecordReader reader = reader("{\"_id\":\"1\"}\n{\"_id\":\"2\"}\n{", STANDARD);
        assertThat(reader.next()).extracting(InputRecord::id).isEqualTo("1");
        assertThat(reader.next()).extracting(InputRecord::id).isEqualTo("2");
        assertThat(failure(reader::next)).hasMessageStartingWith("line 3, ");
    }

    @Test
    void anErrorInAnArrayNamesTheLineOfTheFile() throws IOException {
        RecordReader reader = reader("[\n{\"_id\":\"1\"},\n{\"_id\":\"2\",\n\"x\":]}", STANDARD);
        assertThat(reader.next()).extracting(InputRecord::id).isEqualTo("1");
        assertThat(failure(reader::next).getMessage()).matches("line 4, column \\d+: malformed JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{\"_id\":\"1\"}", "[{\"_id\":\"1\"},", "["})
    void anArrayThatEndsEarlyIsAnError(String text) {
        assertThat(failure(() -> array(text)).getMessage())
                .matches("line 1, column \\d+: (it ends in the middle of a record|malformed JSON)");
    }

    @Test
    void nothingMayFollowAnArray() {
        assertThat(failure(() -> array("[{\"_id\":\"1\"}]\n{}")).getMessage())
                .matches("line 2, column \\d+: something follows the array");
    }

    @Test
    void badUtf8IsAnErrorWithItsLine() {
        byte[] text = "{\"_id\":\"1\"}\n{\"_id\":\"?\"}".getBytes(StandardCharsets.UTF_8);
        text[text.length - 3] = (byte) 0xff;
        assertThat(failure(() -> all(reader(text, STANDARD))).getMessage()).matches("line 2, column 9: not UTF-8 .*");
    }

    @Test
    void absurdNestingIsALimitAndNoStackOverflow() {
        SyncException e = failure(() -> lines("{\"a\":" + "[".repeat(100_000)));
        assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        assertThat(e)
                .hasMessageStartingWith("line 1, column ")
                .hasMessageContaining(": a value nests deeper than 1000 levels");
    }

    @Test
    void aTextOfTenMegabytesIsFine() throws IOException {
        String text = "x".repeat(10_000_000);
        assertThat(lines("{\"_id\":\"big\",\"t\":\"" + text + "\"}\n{\"_id\":\"small\"}"))
                .extracting(r -> r.json().length())
                .containsExactly(text.length() + 8, 2);
    }
}
