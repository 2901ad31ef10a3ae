package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over canonical dag-cbor. {@link #value} builds what it reads, {@link #skip} only checks it; both go through the
 * same heads and the same checks, so that they accept the same bytes.
 *
 * <p>Reads arrays: a block is copied first, which costs far less than reading each of its bytes through a buffer.
 */
final class CborReader {
    private static final int UNSIGNED = 0;
    private static final int NEGATIVE = 1;
    private static final int BYTES = 2;
    private static final int TEXT = 3;
    private static final int ARRAY = 4;
    private static final int MAP = 5;
    private static final int TAG = 6;

    private static final int FALSE = 0xf4;
    static final int TRUE = 0xf5;
    static final int NULL = 0xf6;
    private static final int DOUBLE = 0xfb;

    private static final int LINK_TAG = 42;
    /** A link's byte string: the multibase prefix 0x00 and the CID. */
    static final int LINK_BYTES = 1 + Cid.BYTES;

    private static final VarHandle SHORTS = view(short[].class);
    private static final VarHandle INTS = view(int[].class);
    private static final VarHandle LONGS = view(long[].class);

    private static final Value TRUE_VALUE = new Value.Bool(true);
    private static final Value FALSE_VALUE = new Value.Bool(false);
    private static final Value NO_ITEMS = new Value.Sequence(List.of());

    private final byte[] in;
    private final int end;
    private final Limits limits;
    private final @Nullable Cid block;
    private int at;
    private int items;

    /** Offsets in messages are indexes of the array, which is only read. */
    CborReader(byte[] in, int from, int to, Limits limits, @Nullable Cid block) {
        this.in = in;
        this.at = from;
        this.end = to;
        this.limits = limits;
        this.block = block;
    }

    private static VarHandle view(Class<?> type) {
        return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.BIG_ENDIAN);
    }

    static CborReader of(Block block, Limits limits) {
        return new CborReader(block.toByteArray(), 0, block.size(), limits, block.cid());
    }

    int offset() {
        return at;
    }

    /** The next byte without moving, or -1 at the end. */
    int peek() {
        return at < end ? in[at] & 0xff : -1;
    }

    void requireEnd() {
        if (at != end) {
            throw malformed(end - at + " bytes are left over after the value", at);
        }
    }

    // ---- whole values

    /** Reads one value; the item count starts anew. */
    Value value() {
        items = 1;
        return value(0);
    }

    /** Checks one value without building it; the item count starts anew. */
    void skip() {
        items = 1;
        skip(0);
    }

    /** Moves past one value that was checked before: looks at nothing but heads and lengths. */
    void pass() {
        for (long left = 1; left > 0; left--) {
            int start = at;
            int initial = initial("a value");
            switch (initial >>> 5) {
                case UNSIGNED, NEGATIVE -> argument(initial, start);
                case BYTES, TEXT -> {
                    int length = length(initial, start, "string");
                    at += length;
                }
                case ARRAY -> left += length(initial, start, "array");
                case MAP -> left += 2L * length(initial, start, "map");
                case TAG -> {
                    argument(initial, start);
                    left++;
                }
                default -> {
                    if (initial == DOUBLE) {
                        if (end - at < 8) {
                            throw malformed("the bytes end inside a float", start);
                        }
                        at += 8;
                    }
                }
            }
        }
    }

    private Value value(int depth) {
        int start = at;
        int initial = initial("a value");
        return switch (initial >>> 5) {
            case UNSIGNED -> {
                long n = argument(initial, start);
                yield n >= 0 ? new Value.Int(n) : new Value.BigInt(unsigned(n));
            }
            case NEGATIVE -> {
                long n = argument(initial, start);
                yield n >= 0 ? new Value.Int(~n) : new Value.BigInt(unsigned(n).not());
            }
            case BYTES -> bytes(initial, start);
            case TEXT -> new Value.Text(text(initial, start));
            case ARRAY -> sequence(initial, start, depth);
            case MAP -> mapping(initial, start, depth);
            case TAG -> new Value.Link(link(initial, start));
            default ->
                switch (initial) {
                    case FALSE -> FALSE_VALUE;
                    case TRUE -> TRUE_VALUE;
                    case NULL -> Value.NULL;
                    case DOUBLE -> new Value.Real(real(start));
                    default -> throw simple(initial, start);
                };
        };
    }

    private Value bytes(int initial, int start) {
        int length = length(initial, start, "byte string");
        at += length;
        return new Value.Bytes(Arrays.copyOfRange(in, at - length, at));
    }

    private Value sequence(int initial, int start, int depth) {
        int count = count(initial, start, "array", 1, depth);
        if (count == 0) {
            return NO_ITEMS;
        }
        List<Value> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(value(depth + 1));
        }
        return new Value.Sequence(list);
    }

    private Value mapping(int initial, int start, int depth) {
        int count = count(initial, start, "map", 2, depth);
        if (count == 0) {
            return Value.Mapping.EMPTY;
        }
        Map<String, Value> map = new LinkedHashMap<>((int) (count * 4L / 3) + 1);
        int previous = at;
        int previousEnd = at;
        for (int i = 0; i < count; i++) {
            int head = at;
            int key = checkedText(initial("a map key"), head);
            int keyEnd = at;
            if (i > 0) {
                checkOrder(previous, previousEnd, key, keyEnd, head);
            }
            previous = key;
            previousEnd = keyEnd;
            map.put(new String(in, key, keyEnd - key, StandardCharsets.UTF_8), value(depth + 1));
        }
        return new Value.Mapping(map);
    }

    private void skip(int depth) {
        int start = at;
        int initial = initial("a value");
        switch (initial >>> 5) {
            case UNSIGNED, NEGATIVE -> argument(initial, start);
            case BYTES -> {
                int length = length(initial, start, "byte string");
                at += length;
            }
            case TEXT -> checkedText(initial, start);
            case ARRAY -> {
                int count = count(initial, start, "array", 1, depth);
                for (int i = 0; i < count; i++) {
                    skip(depth + 1);
                }
            }
            case MAP -> {
                int count = count(initial, start, "map", 2, depth);
                int previous = at;
                int previousEnd = at;
                for (int i = 0; i < count; i++) {
                    int head = at;
                    int key = checkedText(initial("a map key"), head);
                    int keyEnd = at;
                    if (i > 0) {
                        checkOrder(previous, previousEnd, key, keyEnd, head);
                    }
                    previous = key;
                    previousEnd = keyEnd;
                    skip(depth + 1);
                }
            }
            case TAG -> linkBytes(initial, start);
            default -> {
                switch (initial) {
                    case FALSE, TRUE, NULL -> {}
                    case DOUBLE -> real(start);
                    default -> throw simple(initial, start);
                }
            }
        }
    }

    // ---- parts of a known shape

    /** The number of entries of the map that has to come next. */
    int map(String what) {
        int start = at;
        int initial = initial(what);
        if (initial >>> 5 != MAP) {
            throw malformed(what + " is not a map", start);
        }
        return count(initial, start, "map", 2, -1);
    }

    /** The number of items of the array that has to come next. */
    int array(String what) {
        int start = at;
        int initial = initial(what);
        if (initial >>> 5 != ARRAY) {
            throw malformed(what + " is not an array", start);
        }
        return count(initial, start, "array", 1, -1);
    }

    /** The text that has to come next. */
    String text(String what) {
        int start = at;
        int initial = initial(what);
        if (initial >>> 5 != TEXT) {
            throw malformed(what + " is not a string", start);
        }
        return text(initial, start);
    }

    /** Moves past the text that has to come next, which was checked before, and says where its bytes start. */
    int passText(String what) {
        int start = at;
        int initial = initial(what);
        if (initial >>> 5 != TEXT) {
            throw malformed(what + " is not a string", start);
        }
        int length = length(initial, start, "string");
        at += length;
        return at - length;
    }

    /** The link that has to come next. */
    Cid link(String what) {
        int start = at;
        int initial = initial(what);
        if (initial >>> 5 != TAG) {
            throw malformed(what + " is not a link", start);
        }
        return link(initial, start);
    }

    /** The integer that has to come next. */
    long integer(String what) {
        int start = at;
        int initial = initial(what);
        if (initial >>> 5 > NEGATIVE) {
            throw malformed(what + " is not an integer", start);
        }
        long n = argument(initial, start);
        if (n < 0) {
            throw malformed(what + " does not fit into 64 bits", start);
        }
        return initial >>> 5 == UNSIGNED ? n : ~n;
    }

    /** The boolean that has to come next. */
    boolean bool(String what) {
        int start = at;
        int initial = initial(what);
        if (initial != FALSE && initial != TRUE) {
            throw malformed(what + " is not a boolean", start);
        }
        return initial == TRUE;
    }

    /** Moves past these exact bytes if they come next. */
    boolean accept(byte[] bytes) {
        if (end - at < bytes.length) {
            return false;
        }
        if (!Arrays.equals(in, at, at + bytes.length, bytes, 0, bytes.length)) {
            return false;
        }
        at += bytes.length;
        return true;
    }

    // ---- heads

    private int initial(String what) {
        if (at >= end) {
            throw malformed("the bytes end where " + what + " should start", at);
        }
        return in[at++] & 0xff;
    }

    /** The argument of a head as 64 unsigned bits. */
    private long argument(int initial, int start) {
        int info = initial & 0x1f;
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw malformed(info == 31 ? "indefinite length" : "reserved length code " + info, start);
        }
        int size = 1 << (info - 24);
        if (end - at < size) {
            throw malformed("the bytes end inside an integer or length", start);
        }
        long n;
        long least;
        switch (size) {
            case 1 -> {
                n = in[at] & 0xff;
                least = 24;
            }
            case 2 -> {
                n = (short) SHORTS.get(in, at) & 0xffff;
                least = 1 << 8;
            }
            case 4 -> {
                n = (int) INTS.get(in, at) & 0xffffffffL;
                least = 1 << 16;
            }
            default -> {
                n = (long) LONGS.get(in, at);
                least = 1L << 32;
            }
        }
        if (Long.compareUnsigned(n, least) < 0) {
            throw malformed("integer or length is not in its shortest form", start);
        }
        at += size;
        return n;
    }

    private int length(int initial, int start, String what) {
        long n = argument(initial, start);
        if (n < 0 || n > end - at) {
            throw malformed(
                    what + " of " + Long.toUnsignedString(n) + " bytes, but only " + (end - at) + " are left", start);
        }
        return (int) n;
    }

    /** The number of items of a container whose head this is; a depth of -1 stands for an envelope that does not count. */
    private int count(int initial, int start, String what, int bytesPerEntry, int depth) {
        long n = argument(initial, start);
        if (n < 0 || n > (end - at) / bytesPerEntry) {
            throw malformed(
                    what + " of " + Long.toUnsignedString(n) + " entries, but only " + (end - at) + " bytes are left",
                    start);
        }
        if (depth >= limits.depth()) {
            throw limit("nested deeper than " + limits.depth() + " levels", start);
        }
        if (depth >= 0) {
            // Counted where they are announced: nested containers could each announce all that the limit leaves.
            if (n > limits.items() - items) {
                throw limit("more than " + limits.items() + " values", start);
            }
            items += (int) n;
        }
        return (int) n;
    }

    // ---- scalars

    private String text(int initial, int start) {
        int from = checkedText(initial, start);
        return new String(in, from, at - from, StandardCharsets.UTF_8);
    }

    /** Moves past a string and says where its bytes started. */
    private int checkedText(int initial, int start) {
        if (initial >>> 5 != TEXT) {
            throw malformed("a map key is not a string", start);
        }
        int length = length(initial, start, "string");
        int from = at;
        int bad = Utf8.firstBad(in, from, from + length);
        if (bad >= 0) {
            throw malformed("string is not valid UTF-8", bad);
        }
        at = from + length;
        return from;
    }

    /** Holds the key that was just read, whose head is at {@code head}, against the one before it: lengths first. */
    private void checkOrder(int previous, int previousEnd, int key, int keyEnd, int head) {
        int order = Integer.compare(previousEnd - previous, keyEnd - key);
        if (order == 0) {
            order = Arrays.compareUnsigned(in, previous, previousEnd, in, key, keyEnd);
        }
        if (order == 0) {
            throw malformed("map key is repeated", head);
        }
        if (order > 0) {
            throw malformed("map keys are not in order (shorter first, then by bytes)", head);
        }
    }

    private Cid link(int initial, int start) {
        return Cid.fromBytes(in, linkBytes(initial, start));
    }

    /** Moves past a link and says where its CID starts. */
    private int linkBytes(int initial, int start) {
        long tag = argument(initial, start);
        if (tag != LINK_TAG) {
            throw malformed(
                    "tag " + Long.toUnsignedString(tag) + " (dag-cbor has only " + LINK_TAG + ", a link)", start);
        }
        int content = at;
        int head = initial("a link");
        if (head >>> 5 != BYTES) {
            throw malformed("link is not a byte string", content);
        }
        int length = length(head, content, "link");
        if (length == 0 || in[at] != 0) {
            throw malformed("link does not start with 0x00", content);
        }
        int cid = at + 1;
        CidForm.require(in, cid, length - 1, this::error, cid);
        at = cid + length - 1;
        return cid;
    }

    private double real(int start) {
        if (end - at < 8) {
            throw malformed("the bytes end inside a float", start);
        }
        double d = Double.longBitsToDouble((long) LONGS.get(in, at));
        if (Double.isNaN(d)) {
            throw malformed("float is NaN", start);
        }
        if (Double.isInfinite(d)) {
            throw malformed("float is infinite", start);
        }
        at += 8;
        return d;
    }

    private SyncException simple(int initial, int start) {
        return malformed(
                switch (initial) {
                    case 0xf7 -> "undefined";
                    case 0xf9 -> "half-precision float (only 64 bits are canonical)";
                    case 0xfa -> "single-precision float (only 64 bits are canonical)";
                    case 0xff -> "break without an indefinite length";
                    default -> "simple value or reserved code 0x" + Integer.toHexString(initial);
                },
                start);
    }

    private static BigInteger unsigned(long n) {
        return new BigInteger(Long.toUnsignedString(n));
    }

    // ---- errors

    SyncException malformed(String what, int offset) {
        return error(ErrorKind.MALFORMED, what, offset);
    }

    SyncException limit(String what, int offset) {
        return error(ErrorKind.LIMIT_EXCEEDED, what, offset);
    }

    private SyncException error(ErrorKind kind, String what, int offset) {
        String where = block == null ? "dag-cbor: " : "block " + block + ": ";
        return new SyncException(kind, where + what + " at offset " + offset);
    }
}
