package dev.livesync.transport.servlet;

import dev.livesync.api.transport.Message;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Puts a message together whose parts the container hands on. For one thread at a time. */
final class IncomingMessage {
    /** How far it is. */
    enum State {
        UNFINISHED,
        COMPLETE,
        TOO_LARGE
    }

    private final int maxBytes;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(0);
    /** Text stays characters to the end: a part may end between the halves of one. */
    private final StringBuilder text = new StringBuilder();

    private @Nullable Message complete;
    private boolean refused;

    IncomingMessage(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    State add(ByteBuffer part, boolean last) {
        if (refused || part.remaining() > maxBytes - bytes.size()) {
            return refuse();
        }
        byte[] copy = new byte[part.remaining()];
        part.get(copy);
        bytes.writeBytes(copy);
        return last ? complete(Message.Kind.BINARY) : State.UNFINISHED;
    }

    State add(String part, boolean last) {
        // A character is a byte at least.
        if (refused || part.length() > maxBytes - text.length()) {
            return refuse();
        }
        text.append(part);
        if (!last) {
            return State.UNFINISHED;
        }
        byte[] encoded = text.toString().getBytes(StandardCharsets.UTF_8);
        if (encoded.length > maxBytes) {
            return refuse();
        }
        bytes.writeBytes(encoded);
        return complete(Message.Kind.TEXT);
    }

    private State complete(Message.Kind kind) {
        complete = new Message(kind, bytes.toByteArray());
        bytes.reset();
        text.setLength(0);
        return State.COMPLETE;
    }

    private State refuse() {
        refused = true;
        bytes.reset();
        text.setLength(0);
        return State.TOO_LARGE;
    }

    /** The message that has just become complete. */
    Message take() {
        Message taken = complete;
        complete = null;
        if (taken == null) {
            throw new IllegalStateException("no message is complete");
        }
        return taken;
    }
}
