package dev.livesync.transport.websocket;

import java.nio.ByteBuffer;

/**
 * Bytes on their way out: a frame's header and its payload, which stay apart until they are copied into the buffer that is
 * written, and are masked there. So a payload is copied once between its message and the socket. The loop's.
 */
final class Outgoing {
    private final byte[] header;
    private final byte[] payload;
    private final int from;
    private final int length;
    private final int key;
    private int at;

    /**
     * Makes a frame of which nothing is written yet.
     *
     * @param payload not to be changed; from its position to its limit, with an array behind it
     * @param key the masking key; 0 for none
     */
    Outgoing(byte[] header, ByteBuffer payload, int key) {
        this.header = header;
        this.payload = payload.array();
        this.from = payload.arrayOffset() + payload.position();
        this.length = payload.remaining();
        this.key = key;
    }

    /** How many bytes are left. */
    int remaining() {
        return header.length + length - at;
    }

    /** Copies what fits, from the first byte that is left; a copy counts for nothing until {@link #skip}. */
    void copyTo(ByteBuffer target) {
        int position = at;
        if (position < header.length) {
            int head = Math.min(header.length - position, target.remaining());
            target.put(header, position, head);
            position += head;
        }
        int phase = position - header.length;
        int count = Math.min(length - phase, target.remaining());
        if (position >= header.length && count > 0) {
            int start = target.position();
            target.put(payload, from + phase, count);
            if (key != 0) {
                Masks.apply(target, start, count, key, phase);
            }
        }
    }

    /** So many bytes are written. */
    void skip(int bytes) {
        at += bytes;
    }
}
