package dev.livesync.transport.partykit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a room's server and its members send: the answer to an upgrade, frames of its socket, its texts, members' frames, addresses. */
public final class RoomFuzz {
    private static final Set<ErrorKind> MALFORMED = Set.of(ErrorKind.MALFORMED);
    private static final RoomUrl ROOM = new RoomUrl(false, "127.0.0.1", 1999, "main", "fuzz");
    private static final UpgradeRequest REQUEST = new UpgradeRequest(ROOM, Map.of(), new Zeroes());

    private RoomFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(
                FuzzedReader.small(
                        "room-text",
                        MALFORMED,
                        RoomFuzz::text,
                        () -> Seeds.texts(
                                "{\"room\":1,\"you\":\"a1\",\"members\":[{\"id\":\"b2\",\"seats\":[\"host\"],\"name\":null}]}",
                                "{\"t\":\"\\u0041\\n\", \"n\":[-1.5e3,true,{}]}")),
                FuzzedReader.small("room-frame", Set.of(), RoomFuzz::frame, RoomFuzz::frames),
                FuzzedReader.small("room-socket", MALFORMED, RoomFuzz::socket, RoomFuzz::sockets)
                        .allocating(2_000),
                FuzzedReader.small(
                        "room-upgrade",
                        Set.of(ErrorKind.UNREACHABLE, ErrorKind.REFUSED, ErrorKind.AUTHENTICATION),
                        RoomFuzz::upgrade,
                        () -> Seeds.texts(
                                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                        + "Sec-WebSocket-Accept: "
                                        + UpgradeRequest.accepted("AAAAAAAAAAAAAAAAAAAAAA==") + "\r\n\r\n",
                                "HTTP/1.1 302 Found\r\nLocation: x\r\n\r\n",
                                "HTTP/1.0 401 Unauthorized\r\n\r\n")),
                FuzzedReader.small(
                        "room-address",
                        Set.of(ErrorKind.CONFIGURATION),
                        RoomFuzz::address,
                        () -> Seeds.texts(
                                "partykit://example.org/parties/main/room/seat",
                                "partykit+ws://[::1]:1999/parties/main/r.1/")));
    }

    private static void text(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        Map<String, Object> read = RoomTextReader.read(text);
        StringBuilder written = new StringBuilder();
        write(read, written);
        assertThat(RoomTextReader.read(written.toString())).isEqualTo(read);
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                write(entry.getKey(), out.append(separator));
                write(entry.getValue(), out.append(':'));
                separator = ",";
            }
            out.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            String separator = "[";
            for (Object element : list) {
                write(element, out.append(separator));
                separator = ",";
            }
            out.append(list.isEmpty() ? "[]" : "]");
        } else if (value instanceof RoomTextReader.Literal literal) {
            out.append(literal.text());
        } else {
            out.append('"');
            for (char c : ((String) value).toCharArray()) {
                out.append("\\u%04x".formatted((int) c));
            }
            out.append('"');
        }
    }

    private static void frame(byte[] input) {
        RoomFrame frame = RoomFrame.read(input.clone());
        if (frame == null) {
            return;
        }
        byte[] payload = new byte[frame.payload().remaining()];
        frame.payload().duplicate().get(payload);
        ByteBuffer written = RoomFrame.to(
                        frame.from(), frame.type(), frame.byListener(), frame.channel(), payload.length)
                .put(payload);
        assertThat(written.flip()).isEqualTo(ByteBuffer.wrap(input));
        assertThat(frame.reason())
                .hasSizeLessThanOrEqualTo(RoomFrame.MAX_REASON)
                .doesNotContain("\n", "\u001b");
    }

    private static List<byte[]> frames() {
        return List.of(
                RoomFrame.open("a1", 7, "host", 65_536, 4_096).head(),
                RoomFrame.opened("a1", 7, 65_536, 4_096).head(),
                RoomFrame.credit("b", true, 1, 9).head(),
                RoomFrame.reset("b", false, 1, "no such seat").head());
    }

    /** Whatever it states, a message is no longer than what came, and than the limits. */
    private static void socket(byte[] input) throws IOException {
        long[] came = {0};
        ServerFrames frames =
                new ServerFrames(new DataInputStream(new ByteArrayInputStream(input)), new ServerFrames.Reader() {
                    @Override
                    public void onText(String text) {
                        assertThat(text.length()).isLessThanOrEqualTo(ServerFrames.MAX_TEXT);
                        came[0] += text.length();
                    }

                    @Override
                    public void onBinary(byte[] message) {
                        assertThat(message.length).isLessThanOrEqualTo(ServerFrames.MAX_BINARY);
                        came[0] += message.length;
                    }

                    @Override
                    public void onPing(byte[] payload) {
                        assertThat(payload.length).isLessThanOrEqualTo(125);
                    }

                    @Override
                    public void onSign() {
                        // counted nowhere
                    }
                });
        try {
            frames.read();
        } catch (EOFException e) {
            // as when a connection breaks
        }
        assertThat(came[0]).isLessThanOrEqualTo(input.length);
    }

    private static List<byte[]> sockets() {
        return List.of(
                Seeds.of(0x81, 2, "{}", 0x82, 126, 0, 3, "abc", 0x89, 1, "p", 0x88, 3, 3, 0xe8, "x"),
                Seeds.of(0x01, 1, "{", 0x8a, 0, 0x80, 1, "}"));
    }

    private static void upgrade(byte[] input) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(input);
        try {
            REQUEST.readAnswer(in);
        } catch (EOFException e) {
            return;
        }
        String text = new String(input, StandardCharsets.ISO_8859_1);
        assertThat(input.length - in.available()).isEqualTo(text.indexOf("\r\n\r\n") + 4);
    }

    private static void address(byte[] input) {
        RoomAddress address = RoomAddress.parse(new String(input, StandardCharsets.UTF_8));
        assertThat(RoomAddress.parse(address.toString())).isEqualTo(address);
        assertThat(address.room().path() + address.room().authority()).doesNotContain("\r", "\n", " ");
    }

    /** For a nonce that is known. */
    private static final class Zeroes extends SecureRandom {
        private static final long serialVersionUID = 1;

        @Override
        public void nextBytes(byte[] bytes) {
            java.util.Arrays.fill(bytes, (byte) 0);
        }
    }
}
