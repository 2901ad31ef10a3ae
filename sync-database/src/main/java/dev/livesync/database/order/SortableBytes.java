package dev.livesync.database.order;

import dev.livesync.api.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values as bytes that compare, unsigned, as {@link ValueOrder} compares the values; several of them as one after another. No more than {@link #MOST} bytes: what is longer is cut, so
 * that nobody's values take more memory. Then equal bytes may stand for different values, and less bytes still for lesser ones.
 *
 * <p>A value begins with its rank. Numbers follow as the nearest float below and what it lacks; strings as UTF-8 of each code unit plus one, ended by 0; arrays and objects as their
 * parts, ended by 0. One thread at a time.
 */
public final class SortableBytes {
    /** The most bytes that are kept. */
    public static final int MOST = 100;

    /** Greater than whatever may follow a value. */
    private static final int END = 0xff;

    private final byte[] bytes = new byte[MOST];
    private int size;

    /** Starts with no value. */
    public SortableBytes() {}

    /**
     * Goes back to where no value or fewer were.
     *
     * @param earlier a {@link #size} of before
     */
    public void truncate(int earlier) {
        size = Math.min(earlier, MOST);
    }

    /**
     * How many bytes there are.
     *
     * @return at most {@link #MOST}
     */
    public int size() {
        return size;
    }

    /**
     * The bytes so far.
     *
     * @return a new array
     */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /**
     * The bound after all that begin with the bytes so far.
     *
     * @return a new array
     */
    public byte[] after() {
        byte[] after = Arrays.copyOf(bytes, size + 1);
        after[size] = (byte) END;
        return after;
    }

    /**
     * Whether bytes may stand for several values.
     *
     * @param length how many there are
     * @return true if nothing more fits
     */
    public static boolean isCut(int length) {
        return length >= MOST;
    }

    /**
     * Adds the beginning of all values of a rank.
     *
     * @param rank as {@link ValueOrder#rank}
     */
    public void addRank(int rank) {
        put(rank);
    }

    /**
     * Adds the beginning of all strings with a prefix.
     *
     * @param prefix the beginning
     */
    public void addPrefix(String prefix) {
        put(ValueOrder.rank(new Value.Text(prefix)));
        units(prefix);
    }

    /**
     * Adds a value.
     *
     * @param value null for none
     */
    public void add(@Nullable Value value) {
        if (size == MOST) {
            return; // so nothing recurses deeper than that
        }
        put(ValueOrder.rank(value));
        if (value instanceof Value.Text text) {
            text(text.value());
        } else if (value instanceof Value.Int number) {
            number(number.value());
        } else if (value instanceof Value.Real number) {
            number(number.value() + 0.0, 0); // -0.0 + 0.0 is 0.0
        } else if (value instanceof Value.BigInt number) {
            number(number.value());
        } else if (value instanceof Value.Bytes content) {
            bytes(content.toByteArray());
        } else if (value instanceof Value.Link link) {
            text(link.cid().toString());
        } else if (value instanceof Value.Sequence sequence) {
            for (int i = 0; i < sequence.items().size() && size < MOST; i++) {
                add(sequence.items().get(i));
            }
            put(0);
        } else if (value instanceof Value.Mapping mapping) {
            entries(mapping);
        }
    }

    private void entries(Value.Mapping mapping) {
        for (Map.Entry<String, Value> entry : new TreeMap<>(mapping.entries()).entrySet()) {
            if (size == MOST) {
                return;
            }
            put(1);
            text(entry.getKey());
            add(entry.getValue());
        }
        put(0);
    }

    private void text(String text) {
        units(text);
        put(0);
    }

    private void units(String text) {
        for (int i = 0; i < text.length() && size < MOST; i++) {
            int unit = text.charAt(i) + 1;
            if (unit < 0x80) {
                put(unit);
            } else if (unit < 0x800) {
                put(0xc0 | unit >>> 6);
                put(0x80 | unit & 0x3f);
            } else {
                if (unit > 0xffff) {
                    put(0xf0);
                }
                put(unit > 0xffff ? 0x90 : 0xe0 | unit >>> 12);
                put(0x80 | unit >>> 6 & 0x3f);
                put(0x80 | unit & 0x3f);
            }
        }
    }

    private void bytes(byte[] content) {
        for (int i = 0; i < content.length && size < MOST; i++) {
            int b = content[i] & 0xff;
            if (b < 2) {
                put(1);
                put(b + 1);
            } else {
                put(b);
            }
        }
        put(0);
    }

    private void number(long number) {
        double near = (double) number;
        if (Math.abs(near) >= 0x1p53) {
            number(BigInteger.valueOf(number));
        } else {
            number(near, 0);
        }
    }

    private void number(BigInteger number) {
        BigDecimal exact = new BigDecimal(number);
        double below = number.doubleValue();
        if (new BigDecimal(below).compareTo(exact) > 0) {
            below = Math.nextDown(below);
        }
        number(below, exact.subtract(new BigDecimal(below)).intValueExact());
    }

    /** Of 64 bits and a sign a float lacks less than 2^12. */
    private void number(double below, int rest) {
        long bits = Double.doubleToLongBits(below);
        bits ^= bits >> 63 | Long.MIN_VALUE;
        for (int shift = 56; shift >= 0; shift -= 8) {
            put((int) (bits >>> shift));
        }
        put(rest >>> 8);
        put(rest);
    }

    private void put(int b) {
        if (size < MOST) {
            bytes[size++] = (byte) b;
        }
    }
}
