package dev.livesync.core.message;

import dev.livesync.api.transport.Message;

/** A data message that is in memory as a whole. */
public final class WholeMessage implements OutgoingMessage {
    private final Message.Kind kind;
    private final byte[] bytes;
    private int at;

    /**
     * Creates a message.
     *
     * @param kind text or binary
     * @param bytes the message's from now on
     */
    public WholeMessage(Message.Kind kind, byte[] bytes) {
        this.kind = kind;
        this.bytes = bytes;
    }

    @Override
    public Message.Kind kind() {
        return kind;
    }

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public void next(byte[] target, int offset, int length) {
        System.arraycopy(bytes, at, target, offset, length);
        at += length;
    }
}
