package dev.livesync.core.seal;

import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.api.transport.Message;

/**
 * Seals the messages of one direction, one after the other. What is sealed has to be sent, in order. One thread at a time.
 *
 * <p>A sealed message is binary: the content and a byte for its type, encrypted together with AES-256-GCM under the number of the message.
 * A key serves for {@value #MESSAGES_PER_KEY} messages, then Noise's next one does, so that no limit of AES-GCM comes near.
 */
public final class Sealer {
    /** How many bytes a sealed message has more than its content. */
    public static final int OVERHEAD_BYTES = 1 + CipherState.TAG_BYTES;

    static final int MESSAGES_PER_KEY = 1 << 16;

    private final CipherState cipher;
    private boolean ended;

    Sealer(CipherState cipher) {
        this.cipher = cipher;
    }

    /**
     * The longest message that can be sealed for a channel.
     *
     * @param channel the longest message that the channel takes, in bytes
     * @return {@value #OVERHEAD_BYTES} less, and at least 0
     */
    public static int maxMessageBytes(int channel) {
        return Math.max(0, channel - OVERHEAD_BYTES);
    }

    /**
     * Seals a message.
     *
     * @param message of the session; read and not kept
     * @return what to send
     * @throws IllegalStateException after {@link #end} or {@link #destroy}
     */
    public Message seal(Message message) {
        return seal(SealedType.of(message.kind()), message.payload());
    }

    /**
     * Seals the end, without which the peer takes what it got for cut off. The last message of this direction.
     *
     * @return what to send
     * @throws IllegalStateException the second time, and after {@link #destroy}
     */
    public Message end() {
        Message end = seal(SealedType.END, new byte[0]);
        ended = true;
        destroy();
        return end;
    }

    Message confirmation() {
        return seal(SealedType.CONFIRMATION, new byte[0]);
    }

    /** Erases the key; nothing can be sealed any more. Idempotent. */
    public void destroy() {
        cipher.destroy();
    }

    private Message seal(SealedType type, byte[] content) {
        if (ended) {
            throw new IllegalStateException("this direction has ended");
        }
        if (isForNextKey(cipher.count())) {
            cipher.rekey();
        }
        return Message.binary(cipher.encrypt(content, type.code()));
    }

    /** Whether the message with this number is the first one of another key. */
    static boolean isForNextKey(long number) {
        return number > 0 && number % MESSAGES_PER_KEY == 0;
    }
}
