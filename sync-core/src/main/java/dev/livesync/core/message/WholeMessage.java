package dev.livesync.core.message;

import dev.livesync.api.transport.Message;

/** A data message that is in memory as a whole: a few bytes that say what it is, and its content. */
public final class WholeMessage implements OutgoingMessage {
    private final Message.Kind kind;
    private final byte[] head;
    private final byte[] body;
    private int at;

    /**
     * Creates a message.
     *
     * @param kind text or binary
     * @param head the message's from now on
     * @param body follows it; the message's from now on
     */
    public WholeMessage(Message.Kind kind, byte[] head, byte[] body) {
        this.kind = kind;
        this.head = head;
        this.body = body;
    }

    @Override
    public Message.Kind kind() {
        return kind;
    }

    @Override
    public long size() {
        return (long) head.length + body.length;
    }

    @Override
    public void next(byte[] target, int offset, int length) {
        int first = Math.max(0, Math.min(length, head.length - at));
        if (first > 0) {
            System.arraycopy(head, at, target, offset, first);
        }
        if (first < length) {
            System.arraycopy(body, at + first - head.length, target, offset + first, length - first);
        }
        at += length;
    }
}
