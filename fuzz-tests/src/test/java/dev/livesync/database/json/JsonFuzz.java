package dev.livesync.database.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Value;
import dev.livesync.car.DagCbor;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** Documents as JSON: what is read, written and read again, stays. */
public final class JsonFuzz {
    private JsonFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(FuzzedReader.small(
                        "json-document",
                        Set.of(ErrorKind.INVALID_ARGUMENT, ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED),
                        JsonFuzz::read,
                        () -> List.of(
                                Seeds.of(
                                        0,
                                        "{\"a\":[1,-2.5e3,true,null,\"\\u00e9\\ud83d\\ude00\"],\"b\":{\"c\":9007199254740993}}"),
                                Seeds.of(1, "{\"a\":0.1,\"\\ud800\":1}"),
                                Seeds.of(1, "{\"a\":12,\"b\":\"x\"}")))
                .allocating(400));
    }

    private static void read(byte[] input) {
        Choices choices = new Choices(input);
        boolean exact = choices.flag();
        String text = new String(choices.rest(), StandardCharsets.UTF_8);
        Value.Mapping read = JsonReader.object("id", text, exact, null);
        DagCbor.encode(read);
        String written = JsonWriter.write(read);
        Value.Mapping again = JsonReader.object("id", written, exact, null);
        assertThat(again).isEqualTo(read);
        assertThat(JsonWriter.write(again)).isEqualTo(written);
        // What was there before decides of equal things only which kind of number they are.
        assertThat(JsonReader.object("id", written, exact, read)).isEqualTo(read);
    }
}
