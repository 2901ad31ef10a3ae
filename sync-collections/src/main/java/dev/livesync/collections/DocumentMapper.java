package dev.livesync.collections;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes values of JSON, and JSON of values. */
final class DocumentMapper<T> {
    /** A field that a newer program has added is no error. */
    static final ObjectMapper DEFAULT = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final ObjectMapper mapper;
    private final JavaType type;

    DocumentMapper(ObjectMapper mapper, JavaType type) {
        this.mapper = mapper;
        this.type = type;
    }

    T read(String id, String json) {
        try {
            return Optional.ofNullable(mapper.<T>readValue(json, type))
                    .orElseThrow(() -> new InvalidDocumentException(
                            ErrorKind.MALFORMED, id, List.of(new FieldProblem("", "it is no value")), null));
        } catch (JsonProcessingException e) {
            throw new InvalidDocumentException(ErrorKind.MALFORMED, id, List.of(problem(e)), e);
        }
    }

    ObjectNode write(String id, T value) {
        try {
            JsonNode tree = mapper.valueToTree(value);
            if (tree instanceof ObjectNode object) {
                return object;
            }
        } catch (IllegalArgumentException e) {
            FieldProblem problem = e.getCause() instanceof JsonProcessingException cause
                    ? problem(cause)
                    : new FieldProblem("", "it can't be written as JSON");
            throw new InvalidDocumentException(ErrorKind.INVALID_ARGUMENT, id, List.of(problem), e);
        }
        throw new InvalidDocumentException(
                ErrorKind.INVALID_ARGUMENT, id, List.of(new FieldProblem("", "it is no JSON object")), null);
    }

    /**
     * What the document becomes: the fields of the new value, and of the stored document those that the type doesn't know.
     *
     * @param stored the document's JSON
     * @param old the value that was made of it, as written before anybody could change it
     */
    String update(String id, String stored, ObjectNode old, T value) {
        try {
            ObjectNode document = (ObjectNode) mapper.readTree(stored);
            ObjectNode written = write(id, value);
            List<Kept> kept = new ArrayList<>();
            merge(document, old, written, kept);
            if (!kept.isEmpty()) {
                removeOtherNames(document, written, kept);
            }
            return mapper.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new SyncException(ErrorKind.INTERNAL, "document " + id + " can't be written as JSON", e);
        }
    }

    /** A field that is left of the stored document. */
    private static final class Kept {
        final ObjectNode in;
        final String name;

        Kept(ObjectNode in, String name) {
            this.in = in;
            this.name = name;
        }
    }

    private static void merge(ObjectNode document, ObjectNode old, ObjectNode value, List<Kept> kept) {
        for (String name : names(document)) {
            if (!value.has(name)) {
                if (old.has(name)) {
                    document.remove(name);
                } else {
                    kept.add(new Kept(document, name));
                }
            }
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            String name = field.getKey();
            if (document.get(name) instanceof ObjectNode inner
                    && old.get(name) instanceof ObjectNode before
                    && field.getValue() instanceof ObjectNode after) {
                merge(inner, before, after, kept);
            } else if (!field.getValue().equals(old.get(name)) || !document.has(name)) {
                document.set(name, field.getValue());
            }
        }
    }

    private static List<String> names(ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /**
     * The type may know a field by another name than it writes, such as an alias: then that one would win over the one that was written, or nobody could read the document. A field is such a one if what is read is another value without it.
     */
    private void removeOtherNames(ObjectNode document, ObjectNode written, List<Kept> kept) {
        JsonNode expected = again(written);
        if (expected == null || expected.equals(again(document))) {
            return;
        }
        Map<Kept, JsonNode> fields = new LinkedHashMap<>();
        kept.forEach(field -> fields.put(field, field.in.remove(field.name)));
        JsonNode without = again(document);
        fields.forEach((field, content) -> {
            field.in.set(field.name, content);
            if (without != null && !without.equals(again(document))) {
                field.in.remove(field.name);
            }
        });
    }

    /** What is written of what is read; null if it can't be. */
    private @Nullable JsonNode again(ObjectNode object) {
        try {
            return mapper.valueToTree(mapper.<@Nullable T>treeToValue(object, type));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            return null;
        }
    }

    /** Where it is wrong, and how; Jackson's own message quotes the document. */
    private static FieldProblem problem(JsonProcessingException failure) {
        StringBuilder pointer = new StringBuilder();
        if (failure instanceof JsonMappingException mapping) {
            for (JsonMappingException.Reference part : mapping.getPath()) {
                String name = part.getFieldName();
                pointer.append('/')
                        .append(
                                name == null
                                        ? Integer.toString(part.getIndex())
                                        : name.replace("~", "~0").replace("/", "~1"));
            }
        }
        Throwable cause = failure.getCause();
        String reason = cause == null || cause instanceof JsonProcessingException || cause.getMessage() == null
                ? "it doesn't fit the type"
                : cause.getMessage();
        return new FieldProblem(pointer.toString(), reason);
    }
}
