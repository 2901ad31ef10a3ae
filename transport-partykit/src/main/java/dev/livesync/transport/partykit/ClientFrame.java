package dev.livesync.transport.partykit;

import java.nio.charset.StandardCharsets;

/**
 * A WebSocket frame of ours that waits to be masked and written, whole messages only (RFC 6455). Its payload is a head of its own and a part of
 * an array that it doesn't copy.
 *
 * @param opcode what it is
 * @param head the first bytes
 * @param body has the others, which nobody changes
 * @param from where they begin
 * @param length how many there are
 */
@SuppressWarnings("ArrayRecordComponent") // neither compared nor shown
record ClientFrame(int opcode, byte[] head, byte[] body, int from, int length) {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    /** What a frame costs beyond its payload, at most. */
    static final int OVERHEAD = 14;

    private static final byte[] NOTHING = {};

    static ClientFrame of(int opcode, byte[] payload) {
        return new ClientFrame(opcode, payload, NOTHING, 0, 0);
    }

    static ClientFrame text(String text) {
        return of(TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A regular end. */
    static ClientFrame close() {
        return of(CLOSE, new byte[] {0x03, (byte) 0xe8}); // 1000
    }

    int payload() {
        return head.length + length;
    }

    int cost() {
        return payload() + OVERHEAD;
    }
}
