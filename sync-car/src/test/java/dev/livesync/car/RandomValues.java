package dev.livesync.car;

import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Values of every kind from a seed, with a liking for the edges. */
public final class RandomValues {
    private static final long[] EDGES = {
        0,
        23,
        24,
        255,
        256,
        65_535,
        65_536,
        Integer.MAX_VALUE,
        0xffff_ffffL,
        0x1_0000_0000L,
        (1L << 53) - 1,
        1L << 53,
        (1L << 53) + 1,
        Long.MAX_VALUE,
    };

    private static final int[] LENGTHS = {0, 1, 7, 8, 9, 23, 24, 25, 100, 255, 256, 300};

    private final Random random;
    private final Style style;
    private int budget;

    /** What the other side can write as we do. */
    public enum Style {
        ALL,
        /** No floats that are safe integers: JavaScript writes them as integers. */
        JAVASCRIPT,
        /** No integers beyond 64 signed bits: Jackson writes them as tagged bignums. */
        JACKSON
    }

    public RandomValues(long seed, Style style) {
        this.random = new Random(seed);
        this.style = style;
    }

    public Value next() {
        budget = 1 + random.nextInt(40);
        return value(0);
    }

    private Value value(int depth) {
        budget--;
        int kind = random.nextInt(depth < 6 && budget > 0 ? 14 : 10);
        return switch (kind) {
            case 0 -> Value.NULL;
            case 1 -> new Value.Bool(random.nextBoolean());
            case 2, 3 -> integer();
            case 4 -> real();
            case 5, 6, 7 -> new Value.Text(text());
            case 8 -> {
                byte[] bytes = new byte[length()];
                random.nextBytes(bytes);
                yield new Value.Bytes(bytes);
            }
            case 9 -> {
                byte[] digest = new byte[32];
                random.nextBytes(digest);
                yield new Value.Link(
                        Cid.ofDigest(random.nextBoolean() ? Cid.DAG_CBOR : random.nextInt(128), digest, 0));
            }
            case 10, 11 -> {
                List<Value> items = new ArrayList<>();
                for (int i = size(); i > 0; i--) {
                    items.add(value(depth + 1));
                }
                yield new Value.Sequence(items);
            }
            default -> {
                Map<String, Value> entries = new LinkedHashMap<>();
                for (int i = size(); i > 0; i--) {
                    entries.put(text(), value(depth + 1));
                }
                yield new Value.Mapping(entries);
            }
        };
    }

    private int size() {
        return random.nextInt(20) == 0 ? 24 + random.nextInt(10) : random.nextInt(5);
    }

    private Value integer() {
        if (style != Style.JACKSON && random.nextInt(8) == 0) {
            BigInteger big = new BigInteger(63, random).setBit(63);
            return new Value.BigInt(random.nextBoolean() ? big : big.not());
        }
        long n = random.nextBoolean()
                ? EDGES[random.nextInt(EDGES.length)]
                : random.nextLong() >>> 1 >>> random.nextInt(63);
        return new Value.Int(random.nextBoolean() ? n : ~n);
    }

    private Value real() {
        while (true) {
            double d = switch (random.nextInt(4)) {
                case 0 -> random.nextGaussian();
                case 1 -> random.nextInt() / 8.0;
                case 2 -> random.nextGaussian() * 1e300;
                default -> Double.longBitsToDouble(random.nextLong());
            };
            boolean safeInteger = d == Math.rint(d) && Math.abs(d) < 1L << 53;
            if (!Double.isNaN(d) && !Double.isInfinite(d) && !(style == Style.JAVASCRIPT && safeInteger)) {
                return new Value.Real(d);
            }
        }
    }

    private int length() {
        return random.nextInt(4) == 0 ? LENGTHS[random.nextInt(LENGTHS.length)] : random.nextInt(20);
    }

    public String text() {
        int length = length();
        StringBuilder s = new StringBuilder(length);
        int script = random.nextInt(5);
        for (int i = 0; i < length; i++) {
            int c = switch (script) {
                case 0, 1, 2 -> 'a' + random.nextInt(26);
                case 3 -> random.nextInt(0x800);
                default -> random.nextInt(0x110000);
            };
            s.appendCodePoint(c >= 0xd800 && c < 0xe000 ? 0x1f600 : c);
        }
        return s.toString();
    }
}
