package dev.livesync.database.json;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values to and from the classes that everybody has. */
public final class Plain {
    private Plain() {}

    /**
     * Makes a value of a map.
     *
     * @param fields strings to null, {@link Boolean}, {@link String}, the JDK's numbers, {@link Map}, {@link Collection},
     *     {@link Cid}, {@code byte[]} or {@link Value}; copied
     * @return the value
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} for anything else, for NaN and infinities; {@link
     *     ErrorKind#LIMIT_EXCEEDED} if it nests too deeply
     */
    public static Value.Mapping toValue(Map<?, ?> fields) {
        return mapping(fields, 1);
    }

    private static Value.Mapping mapping(Map<?, ?> fields, int depth) {
        if (depth > JsonReader.MAX_DEPTH) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a document nests more than " + JsonReader.MAX_DEPTH + " levels deep, or contains itself");
        }
        Map<String, Value> entries = new LinkedHashMap<>();
        for (Map.Entry<?, ?> e : fields.entrySet()) {
            if (!(e.getKey() instanceof String name)) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a document's keys are strings");
            }
            entries.put(Text.wellFormed(name), value(e.getValue(), depth));
        }
        return new Value.Mapping(entries);
    }

    private static Value value(@Nullable Object plain, int depth) {
        if (plain == null) {
            return Value.NULL;
        } else if (plain instanceof String s) {
            return new Value.Text(Text.wellFormed(s));
        } else if (plain instanceof Boolean b) {
            return new Value.Bool(b);
        } else if (plain instanceof Map<?, ?> m) {
            return mapping(m, depth + 1);
        } else if (plain instanceof Collection<?> c) {
            return sequence(c, depth + 1);
        } else if (plain instanceof Double
                || plain instanceof Long
                || plain instanceof Integer
                || plain instanceof Float
                || plain instanceof Short
                || plain instanceof Byte
                || plain instanceof BigDecimal
                || plain instanceof BigInteger) {
            return Numbers.of(((Number) plain).doubleValue());
        } else if (plain instanceof Cid c) {
            return new Value.Link(c);
        } else if (plain instanceof byte[] b) {
            return new Value.Bytes(b);
        } else if (plain instanceof Value v) {
            return v;
        }
        throw new SyncException(
                ErrorKind.INVALID_ARGUMENT,
                "a document cannot hold a " + plain.getClass().getName());
    }

    private static Value sequence(Collection<?> plain, int depth) {
        if (depth > JsonReader.MAX_DEPTH) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a document nests more than " + JsonReader.MAX_DEPTH + " levels deep, or contains itself");
        }
        List<Value> items = new ArrayList<>(plain.size());
        for (Object item : plain) {
            items.add(value(item, depth));
        }
        return new Value.Sequence(items);
    }

    /**
     * Makes a map of a value.
     *
     * @param value what; no deeper than the codecs allow
     * @return an unmodifiable map, in the order of the value, of what {@link #toValue} takes: numbers as {@link Long}, {@link
     *     Double} or {@link BigInteger}
     */
    public static Map<String, @Nullable Object> toMap(Value.Mapping value) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        value.entries().forEach((k, v) -> map.put(k, toPlain(v)));
        return Collections.unmodifiableMap(map);
    }

    private static @Nullable Object toPlain(Value value) {
        if (value instanceof Value.Text v) {
            return v.value();
        } else if (value instanceof Value.Int v) {
            return v.value();
        } else if (value instanceof Value.Real v) {
            return v.value();
        } else if (value instanceof Value.Bool v) {
            return v.value();
        } else if (value instanceof Value.BigInt v) {
            return v.value();
        } else if (value instanceof Value.Link v) {
            return v.cid();
        } else if (value instanceof Value.Bytes v) {
            return v.toByteArray();
        } else if (value instanceof Value.Mapping v) {
            return toMap(v);
        } else if (value instanceof Value.Sequence v) {
            List<@Nullable Object> items = new ArrayList<>(v.items().size());
            v.items().forEach(i -> items.add(toPlain(i)));
            return Collections.unmodifiableList(items);
        }
        return null;
    }
}
