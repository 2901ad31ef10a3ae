package dev.livesync.database.query;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.database.order.ValueOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a field has to be.
 *
 * <p>Values are given as {@link dev.livesync.database.Document#of(String, java.util.Map)} takes them: null, booleans, strings, the JDK's numbers, maps, collections, and {@link Value}. Numbers are
 * compared by what they are, so {@code 1} and {@code 1.0} are equal. A range holds values of its bounds' type only: nothing but numbers lies below 5. A field that is absent meets no condition
 * but {@link #absent()}; one that is JSON's null is there.
 *
 * <p>Immutable; any thread.
 */
public sealed interface Condition {
    /**
     * Equal to a value; arrays and objects as a whole.
     *
     * @param value what; null for JSON's null
     * @return the condition
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if a document can't have such a value
     */
    static Condition equalTo(@Nullable Object value) {
        return new Equal(Operands.of(value));
    }

    /**
     * Equal to one of several values.
     *
     * @param values which; none is met by nothing
     * @return the condition
     * @throws SyncException as {@link #equalTo}
     */
    static Condition in(Collection<?> values) {
        List<Value> operands = new ArrayList<>();
        values.forEach(value -> operands.add(Operands.of(value)));
        return new OneOf(operands);
    }

    /**
     * There, be it null.
     *
     * @return the condition
     */
    static Condition exists() {
        return new Existence(true);
    }

    /**
     * Not there.
     *
     * @return the condition
     */
    static Condition absent() {
        return new Existence(false);
    }

    /**
     * A string that begins with another.
     *
     * @param prefix its beginning, by UTF-16 code units; of the empty one all strings
     * @return the condition
     */
    static Condition startsWith(String prefix) {
        return new TextPrefix(prefix);
    }

    /**
     * Equal to a value or after it.
     *
     * @param bound the least value
     * @return the condition
     * @throws SyncException as {@link #equalTo}
     */
    static Condition atLeast(@Nullable Object bound) {
        return new Range(Operands.of(bound), false, null, false);
    }

    /**
     * After a value.
     *
     * @param bound the value before the least
     * @return the condition
     * @throws SyncException as {@link #equalTo}
     */
    static Condition above(@Nullable Object bound) {
        return new Range(Operands.of(bound), true, null, false);
    }

    /**
     * Equal to a value or before it.
     *
     * @param bound the greatest value
     * @return the condition
     * @throws SyncException as {@link #equalTo}
     */
    static Condition atMost(@Nullable Object bound) {
        return new Range(null, false, Operands.of(bound), false);
    }

    /**
     * Before a value.
     *
     * @param bound the value after the greatest
     * @return the condition
     * @throws SyncException as {@link #equalTo}
     */
    static Condition below(@Nullable Object bound) {
        return new Range(null, false, Operands.of(bound), true);
    }

    /**
     * From one value to before another.
     *
     * @param from the least value
     * @param below the value after the greatest
     * @return the condition
     * @throws SyncException as {@link #equalTo}
     */
    static Condition range(@Nullable Object from, @Nullable Object below) {
        return new Range(Operands.of(from), false, Operands.of(below), true);
    }

    /**
     * Whether a field meets it.
     *
     * @param value the field's value; null if it is absent
     * @return true if so
     */
    boolean test(@Nullable Value value);

    /**
     * See {@link Condition#equalTo}.
     *
     * @param value what the field is
     */
    record Equal(Value value) implements Condition {
        @Override
        public boolean test(@Nullable Value field) {
            return ValueOrder.compare(field, value) == 0;
        }

        @Override
        public String toString() {
            return "= " + Operands.text(value);
        }
    }

    /**
     * See {@link Condition#in}.
     *
     * @param values what the field may be; in their order, each once
     */
    record OneOf(List<Value> values) implements Condition {
        /** Sorts them, and leaves out what is there twice. */
        public OneOf {
            List<Value> distinct = new ArrayList<>();
            for (Value value : values.stream().sorted(ValueOrder::compare).toList()) {
                if (distinct.isEmpty() || ValueOrder.compare(distinct.get(distinct.size() - 1), value) != 0) {
                    distinct.add(value);
                }
            }
            values = List.copyOf(distinct);
        }

        @Override
        public boolean test(@Nullable Value field) {
            int low = 0;
            int high = values.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                int order = ValueOrder.compare(values.get(middle), field);
                if (order == 0) {
                    return true;
                }
                low = order < 0 ? middle + 1 : low;
                high = order < 0 ? high : middle;
            }
            return false;
        }

        @Override
        public String toString() {
            return "in " + Operands.text(new Value.Sequence(values));
        }
    }

    /**
     * See {@link Condition#atLeast}, {@link Condition#above}, {@link Condition#atMost}, {@link Condition#below} and {@link Condition#range}.
     *
     * @param lower the value before which it isn't; null for none
     * @param lowerOpen whether it isn't that one either
     * @param upper the value after which it isn't; null for none
     * @param upperOpen whether it isn't that one either
     */
    record Range(
            @Nullable Value lower,
            boolean lowerOpen,
            @Nullable Value upper,
            boolean upperOpen) implements Condition {
        /**
         * Refuses what has no bound.
         *
         * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT}
         */
        public Range {
            if (lower == null && upper == null) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a range has a bound");
            }
        }

        @Override
        public boolean test(@Nullable Value field) {
            return field != null
                    && (lower == null || isAfter(lower, lowerOpen, field))
                    && (upper == null || isBefore(upper, upperOpen, field));
        }

        private static boolean isAfter(Value bound, boolean open, Value field) {
            return ValueOrder.comparable(bound, field) && ValueOrder.compare(field, bound) >= (open ? 1 : 0);
        }

        private static boolean isBefore(Value bound, boolean open, Value field) {
            return ValueOrder.comparable(bound, field) && ValueOrder.compare(field, bound) <= (open ? -1 : 0);
        }

        @Override
        public String toString() {
            String from = lower == null ? "" : (lowerOpen ? "> " : ">= ") + Operands.text(lower);
            String to = upper == null ? "" : (upperOpen ? "< " : "<= ") + Operands.text(upper);
            return from + (lower == null || upper == null ? "" : ", ") + to;
        }
    }

    /**
     * See {@link Condition#exists} and {@link Condition#absent}.
     *
     * @param present whether the field is there
     */
    record Existence(boolean present) implements Condition {
        @Override
        public boolean test(@Nullable Value field) {
            return (field != null) == present;
        }

        @Override
        public String toString() {
            return present ? "exists" : "absent";
        }
    }

    /**
     * See {@link Condition#startsWith}.
     *
     * @param prefix how the string begins
     */
    record TextPrefix(String prefix) implements Condition {
        @Override
        public boolean test(@Nullable Value field) {
            return field instanceof Value.Text text && text.value().startsWith(prefix);
        }

        @Override
        public String toString() {
            return "starts with " + Operands.text(new Value.Text(prefix));
        }
    }
}
