package dev.livesync.core.handshake;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.json.Json;
import dev.livesync.core.message.ControlText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The error message that a handshake may end with. A peer that gets it knows why it was refused; a peer that gets none knows that the
 * connection broke. It tells nothing that the peer couldn't have found out by trying.
 *
 * <p>It is the session's error message; {@code docs/protocol.md}, section 2. Nobody has proved anything when it comes, so only
 * a few kinds are taken from it, and a stranger on the wire who fakes it does no more than one who cuts the wire.
 */
public final class Refusal {
    private static final Set<ErrorKind> SAID = EnumSet.of(
            ErrorKind.AUTHENTICATION, ErrorKind.REFUSED, ErrorKind.UNSUPPORTED, ErrorKind.TIMEOUT, ErrorKind.NOT_FOUND);

    private static final int MAX_BYTES = 4096;
    private static final int MAX_CHARS = 200;

    private Refusal() {}

    /**
     * Whether a failure of this kind is sent to the peer.
     *
     * @param kind of the failure
     * @return false for failures that don't concern it
     */
    public static boolean isSaid(ErrorKind kind) {
        return SAID.contains(kind);
    }

    /**
     * Writes a refusal.
     *
     * @param kind of which {@link #isSaid} is true
     * @return the message; its words depend on the kind alone
     */
    public static Message write(ErrorKind kind) {
        return ControlText.error(
                kind,
                switch (kind) {
                    case AUTHENTICATION -> "the secret is not the one of this side";
                    case REFUSED -> "too many callers at the moment; try again later";
                    case UNSUPPORTED ->
                        "this side does not speak that version; or it has several databases at this"
                                + " address and was told no name, or one and was told a name";
                    case NOT_FOUND -> "the offer is not open any more: it was used, withdrawn or is too old";
                    default -> "this side waited too long";
                });
    }

    /**
     * Reads a refusal.
     *
     * @param remote names the peer
     * @param message what came in the place of the next message
     * @return what the peer says; null if it is no such message
     */
    public static @Nullable SyncException read(String remote, Message message) {
        if (message.kind() != Message.Kind.TEXT || message.size() > MAX_BYTES) {
            return null;
        }
        Object error;
        try {
            error = Json.read("the refusal", utf8(message.payload())).get("error");
        } catch (SyncException e) {
            return null;
        }
        if (!(error instanceof Map<?, ?> told)) {
            return null;
        }
        ErrorKind kind = ErrorKind.DISCONNECTED;
        for (ErrorKind known : SAID) {
            if (known.name().equals(told.get("kind"))) {
                kind = known;
            }
        }
        String words =
                told.get("message") instanceof String text ? ControlText.printable(text, MAX_CHARS) : "no reason";
        return new SyncException(kind, "the peer at " + remote + " turned us away: " + words);
    }

    private static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new SyncException(ErrorKind.MALFORMED, "the message is not UTF-8");
        }
    }
}
