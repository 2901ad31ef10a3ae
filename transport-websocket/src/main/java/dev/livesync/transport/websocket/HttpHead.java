package dev.livesync.transport.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Gathers the head of an HTTP message, up to and with the empty line, however it is cut into pieces. */
final class HttpHead {
    /** Far more than browsers and proxies send. */
    static final int MAX_BYTES = 16 * 1024;

    private byte[] bytes = new byte[1024];
    private int length;

    /**
     * Takes bytes up to the end of the head.
     *
     * @return whether the head is complete; what follows it stays in the buffer
     */
    boolean take(ByteBuffer in) {
        while (in.hasRemaining() && length < MAX_BYTES) {
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, 2 * length);
            }
            byte next = in.get();
            bytes[length++] = next;
            if (next == '\n' && endsWithEmptyLine()) {
                return true;
            }
        }
        return false;
    }

    boolean isTooLong() {
        return length == MAX_BYTES;
    }

    /** Its first byte, which tells other protocols apart early; -1 while there is none. */
    int firstByte() {
        return length == 0 ? -1 : bytes[0] & 0xff;
    }

    /** The complete head. */
    ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes, 0, length).slice();
    }

    /** The first line, for messages: printable ASCII, and not too much of it. */
    String firstLine() {
        String text = new String(bytes, 0, Math.min(length, 120), StandardCharsets.US_ASCII);
        return text.split("[\r\n]", 2)[0].replaceAll("[^\\x20-\\x7e]", "?");
    }

    private boolean endsWithEmptyLine() {
        return length >= 4 && bytes[length - 2] == '\r' && bytes[length - 3] == '\n' && bytes[length - 4] == '\r';
    }
}
