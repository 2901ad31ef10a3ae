package dev.livesync.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Document;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the command's JSON. */
final class JsonOutput {
    private static final JsonMapper MAPPER = new JsonMapper();

    private JsonOutput() {}

    /** One line of JSON: maps, lists, texts, numbers, booleans and null, in their order. */
    static String line(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new SyncException(ErrorKind.INTERNAL, "a result cannot be written as JSON", e);
        }
    }

    /** One line of JSON from names and values in turn. */
    static String object(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return line(fields);
    }

    /** A document with its id as the first field, as {@code export} writes it and {@code import} takes it back. */
    static String document(Document document) {
        String json = document.json();
        String id = "{\"" + IdRule.ID + "\":" + line(document.id());
        return json.equals("{}") ? id + "}" : id + "," + json.substring(1);
    }
}
