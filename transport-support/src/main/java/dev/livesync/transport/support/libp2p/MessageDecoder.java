package dev.livesync.transport.support.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The protocol {@code /livesync/1.0.0}: of each message an unsigned varint with the length of what follows, one byte for its
 * kind (0 text, 1 binary), the payload. Pure; one thread.
 */
public final class MessageDecoder {
    /** The initial capacity for a payload; it grows only as bytes arrive. */
    private static final int FIRST_CAPACITY = 128 * 1024;

    private final int maxMessageBytes;
    private final Varint length = new Varint();
    private int payload = -1;
    private Message.@Nullable Kind kind;
    private byte[] bytes = {};
    private int filled;
    private @Nullable Message complete;

    /**
     * Creates a decoder at the beginning of a message.
     *
     * @param maxMessageBytes a longer one is refused by its stated length
     */
    public MessageDecoder(int maxMessageBytes) {
        this.maxMessageBytes = maxMessageBytes;
    }

    /**
     * Encodes the header of a message.
     *
     * @param message whose
     * @return its length and kind
     */
    public static ByteBuffer header(Message message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(6);
        Varint.write(out, message.size() + 1L);
        out.write(message.kind() == Message.Kind.TEXT ? 0 : 1);
        return ByteBuffer.wrap(out.toByteArray());
    }

    /**
     * Takes bytes up to the end of a message. Fails as MALFORMED or LIMIT_EXCEEDED.
     *
     * @param from where they are; copied
     * @param offset of the first
     * @param count how many there are
     * @return how many were taken; fewer only if a message is complete
     */
    public int receive(byte[] from, int offset, int count) {
        int at = offset;
        int end = offset + count;
        while (at < end && complete == null) {
            if (payload < 0) {
                if (length.add(from[at++])) {
                    begin(length.take());
                }
            } else if (kind == null) {
                kind(from[at++]);
            } else {
                int taken = Math.min(payload - filled, end - at);
                makeRoom(taken);
                System.arraycopy(from, at, bytes, filled, taken);
                filled += taken;
                at += taken;
            }
            finishIfFull();
        }
        return at - offset;
    }

    private void begin(long framed) {
        if (framed < 1) {
            throw Libp2pFailures.malformed("a message without a kind");
        }
        if (framed - 1 > maxMessageBytes) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "it sent a message of " + (framed - 1) + " bytes, over the limit of " + maxMessageBytes);
        }
        payload = (int) framed - 1;
    }

    private void kind(byte code) {
        if (code != 0 && code != 1) {
            throw Libp2pFailures.malformed("a message of the unknown kind " + (code & 0xff));
        }
        kind = code == 0 ? Message.Kind.TEXT : Message.Kind.BINARY;
        bytes = new byte[Math.min(payload, FIRST_CAPACITY)];
    }

    private void makeRoom(int more) {
        if (filled + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(payload, Math.max(filled + more, 2 * bytes.length)));
        }
    }

    private void finishIfFull() {
        if (kind != null && filled == payload) {
            complete = new Message(kind, bytes);
            payload = -1;
            kind = null;
            bytes = new byte[0];
            filled = 0;
        }
    }

    /**
     * The message that is complete, once.
     *
     * @return null if none is
     */
    public @Nullable Message take() {
        Message taken = complete;
        complete = null;
        return taken;
    }

    /**
     * Whether a message has begun that is not complete.
     *
     * @return true if an end now would cut it off
     */
    public boolean isUnderWay() {
        return payload >= 0 || length.isUnderWay();
    }
}
