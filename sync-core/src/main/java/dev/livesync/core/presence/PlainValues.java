package dev.livesync.core.presence;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as programs have them: what JSON has, and nothing else. */
final class PlainValues {
    private static final int MAX_DEPTH = 16;
    private static final double EXACT = 1L << 53;

    private PlainValues() {}

    /** Copies a program's value; fails as INVALID_ARGUMENT for what is none. */
    static Value of(@Nullable Object value) {
        return of(value, 0);
    }

    private static Value of(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw refused("nests deeper than " + MAX_DEPTH);
        }
        if (value == null) {
            return Value.NULL;
        } else if (value instanceof String text) {
            return new Value.Text(text);
        } else if (value instanceof Boolean bool) {
            return new Value.Bool(bool);
        } else if (value instanceof Byte
                || value instanceof Short
                || value instanceof Integer
                || value instanceof Long) {
            return new Value.Int(((Number) value).longValue());
        } else if (value instanceof Double || value instanceof Float) {
            return number(((Number) value).doubleValue());
        } else if (value instanceof List<?> list) {
            List<Value> items = new ArrayList<>();
            list.forEach(item -> items.add(of(item, depth + 1)));
            return new Value.Sequence(items);
        } else if (value instanceof Map<?, ?> map) {
            Map<String, Value> entries = new LinkedHashMap<>();
            map.forEach((key, item) -> {
                if (!(key instanceof String name)) {
                    throw refused("has a key that is no text");
                }
                entries.put(name, of(item, depth + 1));
            });
            return new Value.Mapping(entries);
        }
        throw refused("holds a " + value.getClass().getName() + ", which is nothing that JSON has");
    }

    /** As JavaScript writes it: whole numbers are integers. */
    private static Value number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw refused("holds a number that is none");
        }
        return value == Math.rint(value) && Math.abs(value) < EXACT
                ? new Value.Int((long) value)
                : new Value.Real(value);
    }

    /** Makes a program's value; fails as MALFORMED for what JSON doesn't have. */
    static @Nullable Object from(Value value) {
        if (value instanceof Value.Null) {
            return null;
        } else if (value instanceof Value.Text text) {
            return text.value();
        } else if (value instanceof Value.Bool bool) {
            return bool.value();
        } else if (value instanceof Value.Int number) {
            return number.value();
        } else if (value instanceof Value.Real number) {
            return number.value();
        } else if (value instanceof Value.Sequence sequence) {
            List<@Nullable Object> list = new ArrayList<>();
            sequence.items().forEach(item -> list.add(from(item)));
            return Collections.unmodifiableList(list);
        } else if (value instanceof Value.Mapping mapping) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            mapping.entries().forEach((key, item) -> map.put(key, from(item)));
            return Collections.unmodifiableMap(map);
        }
        throw new SyncException(ErrorKind.MALFORMED, "a message of presence has a value that JSON does not have");
    }

    private static SyncException refused(String what) {
        return new SyncException(ErrorKind.INVALID_ARGUMENT, "the value of presence " + what);
    }
}
