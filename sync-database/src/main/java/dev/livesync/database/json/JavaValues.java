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

/** Converts values to and from the JDK's collections. */
public final class JavaValues {
    private final boolean exact;

    private JavaValues(boolean exact) {
        this.exact = exact;
    }

    /**
     * Makes a value of a map.
     *
     * @param id the id of the document that it becomes, for messages
     * @param fields strings to null, {@link Boolean}, {@link String}, the JDK's numbers, {@link Map}, {@link Collection} or {@link
     *     Value}, which stays as it is; copied
     * @param exact whether to refuse what JavaScript would change: numbers that it would round, and lone surrogates
     * @param before the document before this change, of which {@link #toMap} has made bytes, links and 64-bit integers; those are taken where
     *     they were; null if there is none
     * @return the value
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT}, with the path, for anything else, for NaN and infinities, and for what is
     *     refused; {@link ErrorKind#LIMIT_EXCEEDED} if it nests too deeply
     */
    public static Value.Mapping toValue(String id, Map<?, ?> fields, boolean exact, Value.@Nullable Mapping before) {
        try {
            return new JavaValues(exact).mapping(fields, before, 1);
        } catch (TooDeep e) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    Names.document(id) + " nests more than " + JsonReader.MAX_DEPTH
                            + " levels deep, or contains itself",
                    e);
        } catch (UnfitValueException e) {
            throw e.inDocument(id);
        }
    }

    /** Nested too deeply. Collects no path, which would be long. */
    private static final class TooDeep extends SyncException {
        private static final long serialVersionUID = 1L;

        TooDeep() {
            super(ErrorKind.LIMIT_EXCEEDED, "nested too deeply");
        }
    }

    private Value.Mapping mapping(Map<?, ?> fields, @Nullable Value before, int depth) {
        requireDepth(depth);
        Map<String, Value> entries = new LinkedHashMap<>();
        for (Map.Entry<?, ?> e : fields.entrySet()) {
            if (!(e.getKey() instanceof String key)) {
                Object other = e.getKey();
                throw unfit("a key that is no string but " + (other == null ? "null" : "a " + name(other)));
            }
            String name = UnicodeText.wellFormed(key);
            try {
                UnicodeText.wellFormed(key, exact);
                entries.put(name, value(e.getValue(), PriorContent.child(before, name), depth));
            } catch (UnfitValueException u) {
                throw u.in(name);
            }
        }
        return new Value.Mapping(entries);
    }

    private Value value(@Nullable Object plain, @Nullable Value before, int depth) {
        if (plain == null) {
            return Value.NULL;
        } else if (before != null && PriorContent.isPlain(before, plain)) {
            return before;
        } else if (plain instanceof String s) {
            return new Value.Text(UnicodeText.wellFormed(s, exact));
        } else if (plain instanceof Boolean b) {
            return new Value.Bool(b);
        } else if (plain instanceof Map<?, ?> m) {
            return mapping(m, before, depth + 1);
        } else if (plain instanceof Collection<?> c) {
            return sequence(c, before, depth + 1);
        } else if (plain instanceof Number n) {
            return PriorContent.orValue(before, number(n));
        } else if (plain instanceof Value v) {
            return v;
        }
        throw unfit("a " + name(plain) + ", which JSON does not have" + instead(plain));
    }

    private Value number(Number number) {
        if (number instanceof Double || number instanceof Float) {
            return Numbers.of(number.doubleValue());
        } else if (number instanceof Long
                || number instanceof Integer
                || number instanceof Short
                || number instanceof Byte) {
            return Numbers.of(number.longValue(), exact);
        } else if (number instanceof BigInteger b) {
            return Numbers.of(b, exact);
        } else if (number instanceof BigDecimal b) {
            return Numbers.of(b, exact);
        }
        throw unfit("a " + name(number) + ": of the JDK's numbers a document takes those that cannot change");
    }

    private static UnfitValueException unfit(String what) {
        return new UnfitValueException(ErrorKind.INVALID_ARGUMENT, what);
    }

    private static String name(Object plain) {
        return plain.getClass().getTypeName();
    }

    private static String instead(Object plain) {
        if (plain instanceof byte[]) {
            return " (put it as text, such as base64)";
        } else if (plain.getClass().isArray()) {
            return " (put a list)";
        }
        return plain instanceof Record ? " (put a map)" : " (put it as text)";
    }

    private Value sequence(Collection<?> plain, @Nullable Value before, int depth) {
        requireDepth(depth);
        List<Value> items = new ArrayList<>(plain.size());
        for (Object item : plain) {
            try {
                items.add(value(item, PriorContent.child(before, items.size()), depth));
            } catch (UnfitValueException e) {
                throw e.at(items.size());
            }
        }
        return new Value.Sequence(items);
    }

    private static void requireDepth(int depth) {
        if (depth > JsonReader.MAX_DEPTH) {
            throw new TooDeep();
        }
    }

    /**
     * Makes a map of a value.
     *
     * @param value what; no deeper than the codecs allow
     * @return an unmodifiable map, in the order of the value, of what {@link #toValue} takes, and {@link Cid} and {@code byte[]}, which it takes back where they were: numbers as {@link
     *     Long}, {@link Double} or {@link BigInteger}
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
