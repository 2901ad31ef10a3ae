package dev.livesync.api;

import dev.livesync.api.Value.Mapping;
import dev.livesync.api.Value.Sequence;
import java.util.List;
import java.util.Map;

/**
 * Compares, hashes and prints values with one or two frames of the stack for each level. Records of collections take seven, and a document may have
 * as many levels as the codecs take.
 */
final class NestedValues {
    private NestedValues() {}

    static boolean equal(Value a, Value b) {
        if (a == b) {
            return true;
        }
        if (a instanceof Sequence first) {
            return b instanceof Sequence second && equalItems(first.items(), second.items());
        }
        if (a instanceof Mapping first) {
            return b instanceof Mapping second && equalEntries(first.entries(), second.entries());
        }
        return a.equals(b);
    }

    private static boolean equalItems(List<Value> a, List<Value> b) {
        boolean equal = a.size() == b.size();
        for (int i = 0; equal && i < a.size(); i++) {
            equal = equal(a.get(i), b.get(i));
        }
        return equal;
    }

    private static boolean equalEntries(Map<String, Value> a, Map<String, Value> b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (Map.Entry<String, Value> entry : a.entrySet()) {
            Value other = b.get(entry.getKey());
            if (other == null || !equal(entry.getValue(), other)) {
                return false;
            }
        }
        return true;
    }

    static int hash(Value value) {
        int hash = 1;
        if (value instanceof Sequence sequence) {
            for (Value item : sequence.items()) {
                hash = 31 * hash + hash(item);
            }
            return hash;
        }
        if (value instanceof Mapping mapping) {
            // A sum, for the order of the entries is none.
            for (Map.Entry<String, Value> entry : mapping.entries().entrySet()) {
                hash += entry.getKey().hashCode() ^ hash(entry.getValue());
            }
            return hash;
        }
        return value.hashCode();
    }

    static String text(Value value) {
        StringBuilder text = new StringBuilder();
        append(text, value);
        return text.toString();
    }

    private static void append(StringBuilder text, Value value) {
        if (value instanceof Sequence sequence) {
            String separator = "Sequence[items=[";
            for (Value item : sequence.items()) {
                append(text.append(separator), item);
                separator = ", ";
            }
            text.append(sequence.items().isEmpty() ? separator : "").append("]]");
        } else if (value instanceof Mapping mapping) {
            String separator = "Mapping[entries={";
            for (Map.Entry<String, Value> entry : mapping.entries().entrySet()) {
                append(text.append(separator).append(entry.getKey()).append('='), entry.getValue());
                separator = ", ";
            }
            text.append(mapping.entries().isEmpty() ? separator : "").append("}]");
        } else {
            text.append(value);
        }
    }
}
