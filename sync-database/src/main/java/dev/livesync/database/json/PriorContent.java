package dev.livesync.database.json;

import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of a document before a change. Other IPLD programs store what JSON lacks: bytes, links, integers of 64 bits. A user who reads
 * such a document as JSON, changes another field and puts it back must not change those. So a value that has the same place and the same
 * JSON form as before is taken to be the former value.
 */
final class PriorContent {
    private PriorContent() {}

    static @Nullable Value child(@Nullable Value before, String key) {
        return before instanceof Value.Mapping m ? m.entries().get(key) : null;
    }

    static @Nullable Value child(@Nullable Value before, int index) {
        List<Value> items = before instanceof Value.Sequence s ? s.items() : List.of();
        return index < items.size() ? items.get(index) : null;
    }

    /** Whether digits in JSON are how an integer was written that was there before. */
    static boolean isNumber(@Nullable Value before, String text) {
        return before instanceof Value.Int i && Long.toString(i.value()).equals(text)
                || before instanceof Value.BigInt b && b.value().toString().equals(text);
    }

    /** Whether a plain object is what {@link JavaValues#toMap} made of a value that was there before. */
    static boolean isPlain(@Nullable Value before, Object plain) {
        if (before instanceof Value.Bytes b) {
            return plain instanceof byte[] bytes && Arrays.equals(bytes, b.toByteArray());
        } else if (before instanceof Value.Link l) {
            return plain instanceof Cid cid && cid.equals(l.cid());
        } else if (before instanceof Value.Int i) {
            return plain instanceof Long number && number == i.value();
        }
        return before instanceof Value.BigInt b && plain instanceof BigInteger number && number.equals(b.value());
    }

    /** The value that was there before if a value is that one's image in JSON; otherwise the value. */
    static Value orValue(@Nullable Value before, Value value) {
        if (before instanceof Value.Bytes || before instanceof Value.Link) {
            boolean image = value instanceof Value.Mapping m
                    && m.entries().size() == 1
                    && m.entries().containsKey("/")
                    && JsonWriter.write(value).equals(JsonWriter.write(before));
            return image ? before : value;
        }
        // Such as 1.0 and -0.0, which JavaScript never writes as floats, and others do.
        return before instanceof Value.Real r && value.equals(Numbers.of(r.value())) ? before : value;
    }
}
