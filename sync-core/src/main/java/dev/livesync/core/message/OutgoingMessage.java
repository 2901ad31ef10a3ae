package dev.livesync.core.message;

import dev.livesync.api.transport.Message;

/**
 * A data message that is being sent. Its length is known from the start and its bytes are made as they are asked for, so
 * that a large one costs little more than the piece that is on its way. One thread.
 */
public interface OutgoingMessage extends AutoCloseable {
    /**
     * Text or binary.
     *
     * @return the kind of the whole
     */
    Message.Kind kind();

    /**
     * The length.
     *
     * @return bytes of the whole
     */
    long size();

    /**
     * Writes the bytes that follow those written before.
     *
     * @param target receives them
     * @param offset where
     * @param length how many; never more than are left
     */
    void next(byte[] target, int offset, int length);

    /** Releases what the bytes are made from. Called once the message is complete or given up. Idempotent. */
    @Override
    default void close() {}
}
