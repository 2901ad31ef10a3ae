package dev.livesync.car;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.api.Value;

/** Values as dag-json-like trees, to be compared with what others decoded: a link is {@code {"/": text}}. */
final class ValueJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ValueJson() {}

    static JsonNode of(Value value) {
        if (value instanceof Value.Null) {
            return NODES.nullNode();
        } else if (value instanceof Value.Bool b) {
            return NODES.booleanNode(b.value());
        } else if (value instanceof Value.Int i) {
            // As a parser of JSON chooses its types.
            return i.value() == (int) i.value() ? NODES.numberNode((int) i.value()) : NODES.numberNode(i.value());
        } else if (value instanceof Value.BigInt i) {
            return BigIntegerNode.valueOf(i.value());
        } else if (value instanceof Value.Real r) {
            return NODES.numberNode(r.value());
        } else if (value instanceof Value.Text t) {
            return NODES.textNode(t.value());
        } else if (value instanceof Value.Bytes b) {
            return NODES.binaryNode(b.toByteArray());
        } else if (value instanceof Value.Link l) {
            return NODES.objectNode().put("/", l.cid().toString());
        } else if (value instanceof Value.Sequence s) {
            var array = NODES.arrayNode();
            s.items().forEach(item -> array.add(of(item)));
            return array;
        } else if (value instanceof Value.Mapping m) {
            ObjectNode object = NODES.objectNode();
            m.entries().forEach((key, item) -> object.set(key, of(item)));
            return object;
        }
        throw new AssertionError(value);
    }
}
