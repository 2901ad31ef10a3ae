package dev.livesync.database.order;

import dev.livesync.api.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One order of all values: none at all, null, false, true, numbers, strings, bytes, links, arrays, objects. Numbers by what they are, however they are stored; strings by
 * UTF-16 code units; arrays item by item, then the shorter first; objects by their names and values in the order of the names. The same on every replica.
 */
public final class ValueOrder {
    private ValueOrder() {}

    /**
     * The place of a value's type.
     *
     * @param value null for none
     * @return from 1 upwards; of values of different places the lesser place comes first
     */
    public static int rank(@Nullable Value value) {
        if (value == null) {
            return 1;
        } else if (value instanceof Value.Bool bool) {
            return bool.value() ? 4 : 3;
        } else if (value instanceof Value.Int || value instanceof Value.Real || value instanceof Value.BigInt) {
            return 5;
        } else if (value instanceof Value.Text) {
            return 6;
        } else if (value instanceof Value.Bytes) {
            return 7;
        } else if (value instanceof Value.Link) {
            return 8;
        } else if (value instanceof Value.Sequence) {
            return 9;
        }
        return value instanceof Value.Mapping ? 10 : 2;
    }

    /**
     * Whether a range with a bound of one type may hold a value of another.
     *
     * @param a a value
     * @param b a value
     * @return true if both are of one type of JSON's, or both bytes or links
     */
    public static boolean comparable(Value a, Value b) {
        return rank(a) == rank(b) || a instanceof Value.Bool && b instanceof Value.Bool;
    }

    /**
     * Compares two values. Recurses as deep as they nest.
     *
     * @param a null for none
     * @param b null for none
     * @return negative, zero or positive
     */
    public static int compare(@Nullable Value a, @Nullable Value b) {
        int ranks = Integer.compare(rank(a), rank(b));
        if (ranks != 0 || a == null || b == null) {
            return ranks;
        } else if (a instanceof Value.Text x && b instanceof Value.Text y) {
            return x.value().compareTo(y.value());
        } else if (a instanceof Value.Bytes x && b instanceof Value.Bytes y) {
            return Arrays.compareUnsigned(x.toByteArray(), y.toByteArray());
        } else if (a instanceof Value.Link x && b instanceof Value.Link y) {
            return x.cid().compareTo(y.cid());
        } else if (a instanceof Value.Sequence x && b instanceof Value.Sequence y) {
            return items(x.items(), y.items());
        } else if (a instanceof Value.Mapping x && b instanceof Value.Mapping y) {
            return entries(x.entries(), y.entries());
        }
        return numbers(a, b);
    }

    private static int items(List<Value> a, List<Value> b) {
        int both = Math.min(a.size(), b.size());
        for (int i = 0; i < both; i++) {
            int order = compare(a.get(i), b.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    private static int entries(Map<String, Value> a, Map<String, Value> b) {
        var first = new TreeMap<>(a).entrySet().iterator();
        var second = new TreeMap<>(b).entrySet().iterator();
        while (first.hasNext() && second.hasNext()) {
            Map.Entry<String, Value> x = first.next();
            Map.Entry<String, Value> y = second.next();
            int names = x.getKey().compareTo(y.getKey());
            int order = names != 0 ? names : compare(x.getValue(), y.getValue());
            if (order != 0) {
                return order;
            }
        }
        return Boolean.compare(first.hasNext(), second.hasNext());
    }

    private static int numbers(Value a, Value b) {
        if (a instanceof Value.Int x && b instanceof Value.Int y) {
            return Long.compare(x.value(), y.value());
        } else if (a instanceof Value.Real x && b instanceof Value.Real y) {
            return x.value() == y.value() ? 0 : Double.compare(x.value(), y.value()); // -0.0 is 0.0
        } else if (a instanceof Value.Null || a instanceof Value.Bool) {
            return 0; // the ranks are equal, and so are they
        }
        double x = small(a);
        double y = small(b);
        // What is small enough is a float without a loss; NaN stands for what isn't.
        return Double.isNaN(x) || Double.isNaN(y) ? exact(a).compareTo(exact(b)) : Double.compare(x, y);
    }

    private static double small(Value number) {
        if (number instanceof Value.Int integer
                && Math.abs(integer.value()) <= 1L << 53
                && integer.value() != Long.MIN_VALUE) {
            return integer.value();
        }
        return number instanceof Value.Real real && real.value() != 0 ? real.value() : Double.NaN;
    }

    private static BigDecimal exact(Value number) {
        if (number instanceof Value.Real real) {
            return new BigDecimal(real.value());
        }
        return new BigDecimal(
                number instanceof Value.BigInt big
                        ? big.value()
                        : BigInteger.valueOf(number instanceof Value.Int integer ? integer.value() : 0));
    }
}
