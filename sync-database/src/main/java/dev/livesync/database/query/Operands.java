package dev.livesync.database.query;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.database.json.JavaValues;
import dev.livesync.database.json.JsonWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collections;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The values that conditions compare with. */
final class Operands {
    private static final String FIELD = "value";

    private Operands() {}

    /** Makes a value; numbers stay what they are, also where a document would round them. */
    static Value of(@Nullable Object plain) {
        if (plain instanceof Long || plain instanceof Integer || plain instanceof Short || plain instanceof Byte) {
            return new Value.Int(((Number) plain).longValue());
        } else if (plain instanceof BigInteger big) {
            return integer(big);
        } else if (plain instanceof BigDecimal decimal) {
            return decimal(decimal);
        }
        Value.Mapping fields = JavaValues.toValue("", Collections.singletonMap(FIELD, plain), true, null);
        return Objects.requireNonNull(fields.entries().get(FIELD));
    }

    private static Value integer(BigInteger number) {
        if (number.bitLength() < 64) {
            return new Value.Int(number.longValueExact());
        }
        return number.bitLength() == 64 ? new Value.BigInt(number) : decimal(new BigDecimal(number));
    }

    private static Value decimal(BigDecimal number) {
        double nearest = number.doubleValue();
        if (Double.isInfinite(nearest)
                || new BigDecimal(nearest).compareTo(number) != 0 && !isShortest(nearest, number)) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, "a condition's number that no document can have: " + number);
        }
        return new Value.Real(nearest);
    }

    /** 0.1 is no 64-bit float, but what a document says for one. */
    private static boolean isShortest(double nearest, BigDecimal number) {
        return new BigDecimal(Double.toString(nearest)).compareTo(number) == 0;
    }

    static String text(Value value) {
        return JsonWriter.write(value);
    }
}
