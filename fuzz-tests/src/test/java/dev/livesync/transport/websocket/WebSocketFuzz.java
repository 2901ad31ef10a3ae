package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.java_websocket.enums.Opcode;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.framing.BinaryFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.TextFrame;

/** Frames, heads of requests, and addresses. */
public final class WebSocketFuzz {
    private static final int MOST = 1_000;
    private static final Set<Opcode> CONTENT = Set.of(Opcode.CONTINUOUS, Opcode.TEXT, Opcode.BINARY);

    private static final List<String> REQUEST = List.of(
            "GET / HTTP/1.1",
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "",
            "");

    private WebSocketFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(
                FuzzedReader.small(
                        "websocket-frames", Set.of(ErrorKind.MALFORMED), WebSocketFuzz::frames, WebSocketFuzz::seeds),
                FuzzedReader.small(
                        "websocket-head",
                        Set.of(),
                        WebSocketFuzz::head,
                        () -> List.of(Seeds.of(7, String.join("\r\n", REQUEST)))),
                FuzzedReader.small(
                        "websocket-address",
                        Set.of(ErrorKind.CONFIGURATION),
                        WebSocketFuzz::address,
                        () -> Seeds.texts("ws://127.0.0.1:9000/path", "wss://[::1]/", "wss://example.org")));
    }

    /** In pieces and as a whole: the same frames, and what they are encoded to is read as the same. */
    private static void frames(byte[] input) {
        Choices choices = new Choices(input);
        Role role = choices.flag() ? Role.CLIENT : Role.SERVER;
        int piece = 1 + choices.octet();
        byte[] bytes = choices.rest();
        FrameCodec whole = new FrameCodec(role, MOST);
        FrameCodec pieces = new FrameCodec(role, MOST);
        List<Framedata> frames = new ArrayList<>();
        List<Framedata> again = new ArrayList<>();
        String failure = feed(whole, bytes, Math.max(1, bytes.length), frames);
        String other = feed(pieces, bytes, piece, again);
        assertThat(other).isEqualTo(failure);
        assertSame(again, frames);
        long message = 0;
        for (Framedata frame : frames) {
            if (frame.getOpcode() == Opcode.TEXT || frame.getOpcode() == Opcode.BINARY) {
                message = 0;
            }
            message +=
                    CONTENT.contains(frame.getOpcode()) ? frame.getPayloadData().remaining() : 0;
            assertThat(message).isLessThanOrEqualTo(MOST);
        }
        FrameCodec writer = new FrameCodec(role == Role.CLIENT ? Role.SERVER : Role.CLIENT, MOST);
        FrameCodec reader = new FrameCodec(role, MOST);
        List<Framedata> read = new ArrayList<>();
        for (Framedata frame : frames) {
            byte[] written = writer.createBinaryFrame(frame).array();
            assertThat(feed(reader, written, written.length, read)).isNull();
        }
        assertSame(read, frames);
        if (failure != null) {
            throw new SyncException(ErrorKind.MALFORMED, failure);
        }
    }

    private static void assertSame(List<Framedata> actual, List<Framedata> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i).getOpcode()).isEqualTo(expected.get(i).getOpcode());
            assertThat(actual.get(i).isFin()).isEqualTo(expected.get(i).isFin());
            assertThat(actual.get(i).getPayloadData()).isEqualTo(expected.get(i).getPayloadData());
        }
    }

    /** What was wrong; null if nothing was. */
    private static String feed(FrameCodec codec, byte[] bytes, int size, List<Framedata> frames) {
        try {
            for (int at = 0; at < bytes.length && !codec.hasFailed(); at += size) {
                byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size));
                frames.addAll(codec.translateFrame(ByteBuffer.wrap(piece)));
            }
            if (codec.hasFailed()) {
                codec.translateFrame(ByteBuffer.allocate(0));
            }
            return null;
        } catch (InvalidDataException e) {
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        }
    }

    private static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (Role role : Role.values()) {
            FrameCodec writer = new FrameCodec(role == Role.CLIENT ? Role.SERVER : Role.CLIENT, MOST);
            TextFrame text = new TextFrame();
            text.setPayload(ByteBuffer.wrap("{\"ok\":true}".getBytes(StandardCharsets.US_ASCII)));
            BinaryFrame binary = new BinaryFrame();
            binary.setPayload(ByteBuffer.wrap(new byte[130]));
            byte[] one = unmasked(writer.createBinaryFrame(text).array(), role);
            byte[] two = unmasked(writer.createBinaryFrame(binary).array(), role);
            byte[] both = Arrays.copyOf(one, one.length + two.length);
            System.arraycopy(two, 0, both, one.length, two.length);
            seeds.add(Seeds.of(role == Role.CLIENT ? 1 : 0, 9, new String(both, StandardCharsets.ISO_8859_1)));
        }
        return seeds;
    }

    /** Masks are random, and seeds are not. */
    private static byte[] unmasked(byte[] frame, Role reader) {
        if (reader == Role.SERVER) {
            int head = (frame[1] & 0x7f) == 126 ? 4 : 2;
            for (int i = head + 4; i < frame.length; i++) {
                frame[i] ^= frame[head + (i - head) % 4];
            }
            Arrays.fill(frame, head, head + 4, (byte) 0);
        }
        return frame;
    }

    private static void head(byte[] input) {
        Choices choices = new Choices(input);
        int piece = 1 + choices.octet();
        byte[] bytes = choices.rest();
        HttpHead head = new HttpHead();
        int taken = 0;
        boolean complete = false;
        while (taken < bytes.length && !complete) {
            ByteBuffer in = ByteBuffer.wrap(bytes, taken, Math.min(piece, bytes.length - taken));
            complete = head.take(in);
            taken = in.position();
        }
        String text = new String(bytes, 0, taken, StandardCharsets.ISO_8859_1);
        assertThat(text.endsWith("\r\n\r\n")).isEqualTo(complete);
        assertThat(head.bytes()).isEqualTo(ByteBuffer.wrap(bytes, 0, taken));
        assertThat(head.firstLine()).hasSizeLessThanOrEqualTo(120).doesNotContain("\r", "\n");
    }

    private static void address(byte[] input) {
        Address address = Address.parse(new String(input, StandardCharsets.UTF_8));
        assertThat(address.port()).isBetween(0, 65_535);
        assertThat(Address.parse(address.toString())).isEqualTo(address);
        assertThat(address.authority() + address.path()).doesNotContain("\r", "\n", " ");
    }
}
