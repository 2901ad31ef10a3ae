package dev.livesync.core.message;

import dev.livesync.api.transport.Message;

/** {@code {"ok":true}}: nothing (more) to send. */
public final class OkText implements OutgoingMessage {
    private final byte[] bytes = ControlText.ok();
    private int at;

    /** Creates an ok. */
    public OkText() {}

    @Override
    public Message.Kind kind() {
        return Message.Kind.TEXT;
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
