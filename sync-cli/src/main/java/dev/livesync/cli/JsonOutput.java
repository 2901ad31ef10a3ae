package dev.livesync.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Document;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the command's JSON. Without a mapper, whose classes would take a fifth of a {@code get}. */
final class JsonOutput {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonOutput() {}

    /** What is JSON already, such as a document's content. */
    record RawJson(String text) {}

    /** One line of JSON: maps, lists, texts, numbers, booleans, null and {@link RawJson}, in their order. */
    static String line(Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            write(out, value);
        } catch (IOException | IllegalStateException e) {
            throw new SyncException(ErrorKind.INTERNAL, "a result cannot be written as JSON", e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator out, @Nullable Object value) throws IOException {
        if (value instanceof Map<?, ?> fields) {
            out.writeStartObject();
            for (Map.Entry<?, ?> field : fields.entrySet()) {
                out.writeFieldName(String.valueOf(field.getKey()));
                write(out, field.getValue());
            }
            out.writeEndObject();
        } else if (value instanceof Collection<?> elements) {
            out.writeStartArray();
            for (Object element : elements) {
                write(out, element);
            }
            out.writeEndArray();
        } else if (value instanceof RawJson json) {
            out.writeRawValue(json.text());
        } else {
            out.writePOJO(value); // texts, numbers, booleans and null; else IllegalStateException
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
