package dev.livesync.transport.libp2p;

import java.util.Arrays;

/** Arrays of bytes. */
final class ByteArrays {
    private ByteArrays() {}

    static byte[] concat(byte[]... parts) {
        byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
