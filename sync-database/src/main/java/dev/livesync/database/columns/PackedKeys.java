package dev.livesync.database.columns;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A page of keys as it lies in an image: where each ends, then their UTF-8. Made into strings when the first of them is asked for. */
final class PackedKeys {
    private final byte[] bytes;
    private final int count;

    private PackedKeys(byte[] bytes, int count) {
        this.bytes = bytes;
        this.count = count;
    }

    static PackedKeys of(String[] keys, int count) {
        byte[][] encoded = new byte[count][];
        int length = 4 * count;
        for (int i = 0; i < count; i++) {
            encoded[i] = keys[i].getBytes(StandardCharsets.UTF_8);
            length = Math.addExact(length, encoded[i].length);
        }
        ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        int end = 4 * count;
        for (byte[] key : encoded) {
            end += key.length;
            out.putInt(end);
        }
        for (byte[] key : encoded) {
            out.put(key);
        }
        return new PackedKeys(out.array(), count);
    }

    /** The keys, in an array that has room for more. */
    String[] unpack(int room) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        String[] keys = new String[room];
        int from = 4 * count;
        for (int i = 0; i < count; i++) {
            int to = in.getInt(4 * i);
            keys[i] = new String(bytes, from, to - from, StandardCharsets.UTF_8);
            from = to;
        }
        return keys;
    }

    /** Whether a key begins with some bytes. */
    boolean startsWith(int place, byte[] prefix) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int from = place == 0 ? 4 * count : in.getInt(4 * (place - 1));
        int to = in.getInt(4 * place);
        return to - from >= prefix.length && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length);
    }

    void save(ImageWriter out) {
        out.putInt(bytes.length);
        out.putBytes(bytes, bytes.length);
    }

    static PackedKeys load(ImageReader in, int count) {
        byte[] bytes = new byte[in.getCount(1)];
        in.getBytes(bytes, bytes.length);
        ImageReader.require(bytes.length / 4 >= count, "bytes of a page of keys", bytes.length);
        ByteBuffer ends = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int from = 4 * count;
        for (int i = 0; i < count; i++) {
            int to = ends.getInt(4 * i);
            ImageReader.require(from <= to && to <= bytes.length, "the end of a key", to);
            from = to;
        }
        return new PackedKeys(bytes, count);
    }
}
