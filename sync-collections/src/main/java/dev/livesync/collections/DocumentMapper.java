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
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
     * @param old the value that was made of it
     */
    String update(String id, String stored, T old, T value) {
        try {
            ObjectNode document = (ObjectNode) mapper.readTree(stored);
            merge(document, write(id, old), write(id, value));
            return mapper.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new SyncException(ErrorKind.INTERNAL, "document " + id + " can't be written as JSON", e);
        }
    }

    private static void merge(ObjectNode document, ObjectNode old, ObjectNode value) {
        List<String> known = new ArrayList<>();
        old.fieldNames().forEachRemaining(known::add);
        for (String name : known) {
            if (!value.has(name)) {
                document.remove(name);
            }
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            String name = field.getKey();
            if (document.get(name) instanceof ObjectNode inner
                    && old.get(name) instanceof ObjectNode before
                    && field.getValue() instanceof ObjectNode after) {
                merge(inner, before, after);
            } else if (!field.getValue().equals(old.get(name)) || !document.has(name)) {
                document.set(name, field.getValue());
            }
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
