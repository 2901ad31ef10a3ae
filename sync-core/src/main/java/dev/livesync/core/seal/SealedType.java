package dev.livesync.core.seal;

import dev.livesync.api.transport.Message;
import org.jspecify.annotations.Nullable;

/** What a sealed message holds; the last byte that is encrypted. */
enum SealedType {
    /** A text message of the session. */
    TEXT(0, Message.Kind.TEXT),
    /** A binary message of the session. */
    BINARY(1, Message.Kind.BINARY),
    /** Nothing more comes from this end. */
    END(2, null),
    /** The initiator's first: it has read the answer, so its first message was no repeated one. */
    CONFIRMATION(3, null);

    private final byte code;
    private final Message.@Nullable Kind kind;

    SealedType(int code, Message.@Nullable Kind kind) {
        this.code = (byte) code;
        this.kind = kind;
    }

    byte code() {
        return code;
    }

    /** The kind of the session's message; null where it is none. */
    Message.@Nullable Kind kind() {
        return kind;
    }

    static SealedType of(Message.Kind kind) {
        return kind == Message.Kind.TEXT ? TEXT : BINARY;
    }

    /** The type with this code; null if there is none. */
    static @Nullable SealedType of(byte code) {
        for (SealedType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }
}
