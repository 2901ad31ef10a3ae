package dev.livesync.car;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Canonical dag-cbor into a growing array. Can be reset and used again; one thread at a time. */
final class CborWriter {
    /** How many bytes a link takes: tag, head, 0x00 and the CID. */
    static final int LINK_SIZE = 4 + CborReader.LINK_BYTES;

    private static final byte[] NOTHING = new byte[0];

    private final Limits limits;
    private byte[] out;
    private int at;
    private int items;

    CborWriter(Limits limits) {
        this(limits, 256);
    }

    CborWriter(Limits limits, int capacity) {
        this.limits = limits;
        this.out = new byte[capacity];
    }

    /** The bytes of a string, for what is always written the same. */
    static byte[] constant(String s) {
        CborWriter out = new CborWriter(Limits.DEFAULT, 16);
        out.text(s);
        return out.finish();
    }

    /** The bytes of a map's head and its first key. */
    static byte[] constant(int entries, String firstKey) {
        CborWriter out = new CborWriter(Limits.DEFAULT, 16);
        out.map(entries);
        out.text(firstKey);
        return out.finish();
    }

    int size() {
        return at;
    }

    /** What was written so far: valid up to {@link #size()} and until the next call. */
    byte[] array() {
        return out;
    }

    void reset() {
        at = 0;
    }

    /** What was written, in an array of its own: the writer's, if that is full. The last call. */
    byte[] finish() {
        byte[] bytes = at == out.length ? out : Arrays.copyOf(out, at);
        out = NOTHING;
        at = 0;
        return bytes;
    }

    // ---- whole values

    /** Writes one value; the item count starts anew. */
    void value(Value value) {
        items = 0;
        value(value, 0);
    }

    private void value(Value value, int depth) {
        if (++items > limits.items()) {
            throw limit("more than " + limits.items() + " values");
        }
        if (value instanceof Value.Text text) {
            text(text.value());
        } else if (value instanceof Value.Int integer) {
            integer(integer.value());
        } else if (value instanceof Value.Mapping mapping) {
            mapping(mapping.entries(), deeper(depth));
        } else if (value instanceof Value.Sequence sequence) {
            List<Value> list = sequence.items();
            head(4, list.size());
            int below = deeper(depth);
            for (Value item : list) {
                value(item, below);
            }
        } else if (value instanceof Value.Bool bool) {
            single(bool.value() ? 0xf5 : 0xf4);
        } else if (value instanceof Value.Null) {
            single(0xf6);
        } else if (value instanceof Value.Real real) {
            reserve(9);
            out[at++] = (byte) 0xfb;
            bigEndian(Double.doubleToLongBits(real.value()), 8);
        } else if (value instanceof Value.BigInt big) {
            BigInteger n = big.value();
            reserve(9);
            out[at++] = (byte) (n.signum() < 0 ? 0x3b : 0x1b);
            bigEndian(n.signum() < 0 ? n.not().longValue() : n.longValue(), 8);
        } else if (value instanceof Value.Link link) {
            link(link.cid());
        } else if (value instanceof Value.Bytes bytes) {
            byte[] content = bytes.toByteArray();
            head(2, content.length);
            raw(content);
        } else {
            throw new SyncException(ErrorKind.INTERNAL, "dag-cbor: no such value: " + value.getClass());
        }
    }

    private int deeper(int depth) {
        if (depth >= limits.depth()) {
            throw limit("nested deeper than " + limits.depth() + " levels");
        }
        return depth + 1;
    }

    private void mapping(Map<String, Value> entries, int depth) {
        head(5, entries.size());
        if (inOrder(entries)) {
            entries.forEach((key, value) -> {
                text(key);
                value(value, depth);
            });
            return;
        }
        List<Map.Entry<String, Value>> sorted = new ArrayList<>(entries.entrySet());
        for (Map.Entry<String, Value> entry : sorted) {
            utf8Size(entry.getKey());
        }
        sorted.sort((a, b) -> Utf8.compareKeys(a.getKey(), b.getKey()));
        for (Map.Entry<String, Value> entry : sorted) {
            text(entry.getKey());
            value(entry.getValue(), depth);
        }
    }

    private static boolean inOrder(Map<String, Value> entries) {
        String previous = null;
        for (String key : entries.keySet()) {
            if (previous != null && Utf8.compareKeys(previous, key) >= 0) {
                return false;
            }
            previous = key;
        }
        return true;
    }

    // ---- parts

    void map(int entries) {
        head(5, entries);
    }

    void array(int items) {
        head(4, items);
    }

    void bool(boolean value) {
        single(value ? 0xf5 : 0xf4);
    }

    void nothing() {
        single(CborReader.NULL);
    }

    void integer(long value) {
        if (value >= 0) {
            head(0, value);
        } else {
            head(1, ~value);
        }
    }

    void text(String s) {
        int size = utf8Size(s);
        head(3, size);
        reserve(size);
        if (size == s.length()) {
            ascii(s);
            return;
        }
        for (int i = 0; i < s.length(); i++) {
            int c = s.charAt(i);
            if (Character.isSurrogate((char) c)) {
                c = Character.toCodePoint((char) c, s.charAt(++i));
            }
            if (c < 0x80) {
                out[at++] = (byte) c;
            } else if (c < 0x800) {
                out[at++] = (byte) (0xc0 | c >> 6);
                out[at++] = (byte) (0x80 | c & 0x3f);
            } else if (c < 0x10000) {
                out[at++] = (byte) (0xe0 | c >> 12);
                out[at++] = (byte) (0x80 | c >> 6 & 0x3f);
                out[at++] = (byte) (0x80 | c & 0x3f);
            } else {
                out[at++] = (byte) (0xf0 | c >> 18);
                out[at++] = (byte) (0x80 | c >> 12 & 0x3f);
                out[at++] = (byte) (0x80 | c >> 6 & 0x3f);
                out[at++] = (byte) (0x80 | c & 0x3f);
            }
        }
    }

    /** One array copy instead of a loop; deprecated for other texts than ASCII only. */
    @SuppressWarnings("deprecation")
    private void ascii(String s) {
        s.getBytes(0, s.length(), out, at);
        at += s.length();
    }

    void link(Cid cid) {
        reserve(LINK_SIZE);
        out[at++] = (byte) 0xd8;
        out[at++] = 42;
        out[at++] = 0x58;
        out[at++] = CborReader.LINK_BYTES;
        out[at++] = 0;
        cid.writeTo(out, at);
        at += Cid.BYTES;
    }

    void raw(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, out, at, bytes.length);
        at += bytes.length;
    }

    void raw(byte[] bytes, int from, int length) {
        reserve(length);
        System.arraycopy(bytes, from, out, at, length);
        at += length;
    }

    void raw(ByteBuffer bytes, int from, int length) {
        reserve(length);
        bytes.get(from, out, at, length);
        at += length;
    }

    private void single(int b) {
        reserve(1);
        out[at++] = (byte) b;
    }

    private void head(int major, long argument) {
        reserve(headSize(argument));
        int type = major << 5;
        if (argument < 24) {
            out[at++] = (byte) (type | (int) argument);
        } else if (argument < 1 << 8) {
            out[at++] = (byte) (type | 24);
            bigEndian(argument, 1);
        } else if (argument < 1 << 16) {
            out[at++] = (byte) (type | 25);
            bigEndian(argument, 2);
        } else if (argument < 1L << 32) {
            out[at++] = (byte) (type | 26);
            bigEndian(argument, 4);
        } else {
            out[at++] = (byte) (type | 27);
            bigEndian(argument, 8);
        }
    }

    private void bigEndian(long value, int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
            out[at++] = (byte) (value >>> shift);
        }
    }

    /** How many bytes a head with this argument takes. */
    static int headSize(long argument) {
        return argument < 24 ? 1 : argument < 1 << 8 ? 2 : argument < 1 << 16 ? 3 : argument < 1L << 32 ? 5 : 9;
    }

    /** How many bytes a string with its head takes. */
    static int textSize(String s) {
        int size = utf8Size(s);
        return headSize(size) + size;
    }

    private static int utf8Size(String s) {
        int size = Utf8.size(s);
        if (size < 0) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "dag-cbor cannot carry a string with a lone surrogate");
        }
        return size;
    }

    /** Every byte goes through here, so this is where a block over the limit ends. */
    private void reserve(int bytes) {
        if (out.length - at >= bytes) {
            return;
        }
        long most = Math.min(limits.blockBytes() + 16L, Integer.MAX_VALUE - 8);
        if (at + (long) bytes > most) {
            throw limit("more than " + limits.blockBytes() + " bytes");
        }
        out = Arrays.copyOf(out, (int) Math.min(most, Math.max(2L * out.length, at + (long) bytes)));
    }

    private static SyncException limit(String what) {
        return new SyncException(ErrorKind.LIMIT_EXCEEDED, "dag-cbor: " + what);
    }
}
