package dev.livesync.core.handshake;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;

/** Items in one array, which no other items would give: each preceded by its length as four bytes, big-endian. */
public final class LengthPrefixed {
    private LengthPrefixed() {}

    /**
     * Joins items.
     *
     * @param items any, also empty ones; not kept
     * @return a new array
     */
    public static byte[] join(List<byte[]> items) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] item : items) {
            out.write(ByteBuffer.allocate(Integer.BYTES).putInt(item.length).array(), 0, Integer.BYTES);
            out.write(item, 0, item.length);
        }
        return out.toByteArray();
    }
}
