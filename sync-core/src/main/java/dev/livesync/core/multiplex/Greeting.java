package dev.livesync.core.multiplex;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The first message of either end: a mark, the version, and of the dialler the salt of names. The mark's first byte is no version of a session's
 * handshake, so each kind of peer knows the other for what it is.
 */
final class Greeting {
    static final int SALT_BYTES = 16;
    static final byte VERSION = 1;

    private static final byte[] MARK = "LiveSync shared connection".getBytes(StandardCharsets.US_ASCII);

    private Greeting() {}

    /** The dialler's. */
    static byte[] dialler(byte[] salt) {
        byte[] greeting = Arrays.copyOf(listener(), MARK.length + 1 + SALT_BYTES);
        System.arraycopy(salt, 0, greeting, MARK.length + 1, SALT_BYTES);
        return greeting;
    }

    /** The listener's. */
    static byte[] listener() {
        byte[] greeting = Arrays.copyOf(MARK, MARK.length + 1);
        greeting[MARK.length] = VERSION;
        return greeting;
    }

    /**
     * Reads a dialler's.
     *
     * @return its salt
     * @throws SyncException {@link ErrorKind#UNSUPPORTED} if it is of another version, or a session's first message; {@link ErrorKind#MALFORMED}
     */
    static byte[] readDialler(Message message) {
        byte[] rest = read(message, MARK.length + 1 + SALT_BYTES);
        return Arrays.copyOfRange(rest, MARK.length + 1, rest.length);
    }

    /** Reads a listener's; throws as {@link #readDialler}. */
    static void readListener(Message message) {
        var unused = read(message, MARK.length + 1);
    }

    private static byte[] read(Message message, int length) {
        byte[] bytes = message.payload();
        if (message.kind() != Message.Kind.BINARY || !startsWithMark(bytes)) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED, "the peer does not share its connection among several databases");
        }
        if (bytes.length > MARK.length && bytes[MARK.length] != VERSION) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    "the peer speaks version " + (bytes[MARK.length] & 0xff)
                            + " of shared connections; this build knows " + VERSION);
        }
        if (bytes.length != length) {
            throw new SyncException(ErrorKind.MALFORMED, "the greeting of a shared connection has the wrong length");
        }
        return bytes;
    }

    private static boolean startsWithMark(byte[] bytes) {
        return bytes.length >= MARK.length
                && ByteBuffer.wrap(bytes, 0, MARK.length).equals(ByteBuffer.wrap(MARK));
    }
}
