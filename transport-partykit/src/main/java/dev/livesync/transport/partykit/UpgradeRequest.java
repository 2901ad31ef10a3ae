package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The HTTP request that opens a WebSocket, and what a server may answer (RFC 6455, section 4). */
final class UpgradeRequest {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})(?: .*)?");
    private static final int MAX_HEAD = 16 * 1024;

    private final RoomUrl room;
    private final String key;
    private final byte[] bytes;

    UpgradeRequest(RoomUrl room, Map<String, String> headers, SecureRandom random) {
        byte[] nonce = new byte[16];
        random.nextBytes(nonce);
        this.room = room;
        this.key = Base64.getEncoder().encodeToString(nonce);
        StringBuilder head = new StringBuilder("GET " + room.path() + " HTTP/1.1\r\nHost: " + room.authority()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + key + "\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        this.bytes = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    byte[] bytes() {
        return bytes;
    }

    /** Reads the answer, and nothing behind it; throws unless the socket is a WebSocket now. */
    void readAnswer(InputStream in) throws IOException {
        String[] lines = head(in).split("\r\n", -1);
        Matcher status = STATUS.matcher(lines[0]);
        if (!status.matches()) {
            throw notWebSocket("it answered something else than HTTP");
        }
        String code = status.group(1);
        if (code.equals("401")) {
            throw RoomFailures.noToken(room);
        }
        if (!code.equals("101")) {
            throw new SyncException(
                    ErrorKind.REFUSED,
                    room + " refused: " + RoomFailures.shown(lines[0])
                            + (code.startsWith("3") ? " (redirects are not followed)" : ""));
        }
        Map<String, String> fields = new TreeMap<>();
        for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                fields.put(
                        lines[i].substring(0, colon).strip().toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).strip());
            }
        }
        boolean fits = fields.getOrDefault("upgrade", "").equalsIgnoreCase("websocket")
                && fields.getOrDefault("connection", "")
                        .toLowerCase(Locale.ROOT)
                        .contains("upgrade")
                && fields.getOrDefault("sec-websocket-accept", "").equals(accepted(key))
                && !fields.containsKey("sec-websocket-extensions")
                && !fields.containsKey("sec-websocket-protocol");
        if (!fits) {
            throw notWebSocket("its answer does not fit the question");
        }
    }

    private String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        for (int ends = 0; ends < 4; ) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("it closed the connection");
            }
            if (head.size() == 0 && b != 'H') {
                // The first byte of a TLS alert.
                throw notWebSocket(
                        b == 0x15
                                ? "it speaks TLS, so use " + RoomAddress.SECURE
                                : "it answered something else than HTTP");
            }
            head.write(b);
            ends = b == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : b == '\r' ? 1 : 0;
            if (head.size() > MAX_HEAD) {
                throw notWebSocket("its answer does not end");
            }
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    static String accepted(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-1", e);
        }
    }

    private SyncException notWebSocket(String why) {
        return new SyncException(ErrorKind.UNREACHABLE, "nobody speaks WebSocket at " + room + ": " + why);
    }
}
