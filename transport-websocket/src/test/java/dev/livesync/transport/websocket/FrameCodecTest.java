package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.BinaryFrame;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.ContinuousFrame;
import org.java_websocket.framing.DataFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.framing.TextFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Our framing against the library's own, byte for byte, and against what a stranger may send. */
class FrameCodecTest {
    private static final int MAX = 1 << 20;

    /** Whoever states a length and brings nothing costs next to nothing. */
    @Test
    void aStatedLengthAllocatesNothing() throws Exception {
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        FrameCodec codec = new FrameCodec(Role.SERVER, MAX);
        ByteBuffer head = ByteBuffer.wrap(HexFormat.of().parseHex("82ff000000000010000001020304"));
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(codec.translateFrame(head)).isEmpty();
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .as("bytes for a frame of 1 MiB that has not come")
                .isLessThan(64 << 10);
    }

    private static Draft_6455 library(Role role) {
        Draft_6455 draft = new Draft_6455();
        draft.setParseMode(role);
        return draft;
    }

    private static Framedata frame(SplittableRandom random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        DataFrame frame = new BinaryFrame();
        if (random.nextBoolean()) {
            frame = new TextFrame();
            for (int i = 0; i < size; i++) {
                bytes[i] = (byte) (' ' + (bytes[i] & 0x3f)); // the library looks at text
            }
        }
        frame.setPayload(ByteBuffer.wrap(bytes));
        return frame;
    }

    private static int size(SplittableRandom random) {
        int[] edges = {0, 1, 125, 126, 127, 65_535, 65_536, 65_537};
        return random.nextInt(4) == 0 ? edges[random.nextInt(edges.length)] : random.nextInt(2000);
    }

    /** Feeds bytes in random pieces. */
    private static List<Framedata> feed(Draft_6455 codec, byte[] stream, SplittableRandom random)
            throws InvalidDataException {
        List<Framedata> frames = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            int piece = Math.min(stream.length - at, 1 + random.nextInt(random.nextBoolean() ? 4 : 100_000));
            byte[] bytes = Arrays.copyOfRange(stream, at, at + piece);
            frames.addAll(codec.translateFrame(ByteBuffer.wrap(bytes)));
            at += piece;
        }
        return frames;
    }

    private static void assertSame(List<Framedata> actual, List<Framedata> expected, long seed) {
        assertThat(actual).as("frames, seed %d", seed).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i).getOpcode()).isEqualTo(expected.get(i).getOpcode());
            assertThat(actual.get(i).isFin()).isEqualTo(expected.get(i).isFin());
            assertThat(actual.get(i).getPayloadData()).isEqualTo(expected.get(i).getPayloadData());
        }
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void theLibraryReadsWhatWeWriteAndWeReadWhatItWrites(Role writer) throws Exception {
        Role reader = writer == Role.CLIENT ? Role.SERVER : Role.CLIENT;
        for (long seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            FrameCodec ours = new FrameCodec(writer, MAX);
            Draft_6455 theirs = library(writer);
            List<Framedata> frames = new ArrayList<>();
            ByteArrayOutputStream byUs = new ByteArrayOutputStream();
            ByteArrayOutputStream byThem = new ByteArrayOutputStream();
            for (int i = 0; i < 40; i++) {
                Framedata frame = frame(random, size(random));
                frames.add(frame);
                write(ours.createBinaryFrame(frame), byUs);
                // The library moves the position of what it writes.
                write(theirs.createBinaryFrame(copy(frame)), byThem);
            }
            assertSame(feed(library(reader), byUs.toByteArray(), random), frames, seed);
            assertSame(feed(new FrameCodec(reader, MAX), byThem.toByteArray(), random), frames, seed);
            assertSame(feed(new FrameCodec(reader, MAX), byUs.toByteArray(), random), frames, seed);
        }
    }

    private static Framedata copy(Framedata frame) {
        DataFrame copy = frame.getOpcode() == Opcode.TEXT ? new TextFrame() : new BinaryFrame();
        copy.setPayload(ByteBuffer.wrap(frame.getPayloadData().array().clone()));
        return copy;
    }

    private static void write(ByteBuffer buffer, ByteArrayOutputStream to) {
        to.write(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
    }

    @Test
    void masksLikeTheSpecificationOneByteAtATime() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = new byte[random.nextInt(70)];
            random.nextBytes(bytes);
            int key = random.nextInt();
            int from = random.nextInt(bytes.length + 1);
            int length = random.nextInt(bytes.length - from + 1);
            int phase = random.nextInt(1000);
            byte[] expected = bytes.clone();
            for (int i = 0; i < length; i++) {
                expected[from + i] ^= (byte) (key >>> (24 - 8 * ((phase + i) % 4)));
            }
            Masks.apply(bytes, from, length, key, phase);
            assertThat(bytes).as("round %d", round).isEqualTo(expected);
        }
    }

    @Test
    void masksChange() {
        Masks masks = new Masks();
        assertThat(IntStream.range(0, 1000).map(i -> masks.next()).distinct().count())
                .isGreaterThan(990);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a reserved bit, c280 00000000, 1002",
        "another, a280 00000000, 1002",
        "an unknown opcode, 8380 00000000, 1002",
        "an unknown control opcode, 8b80 00000000, 1002",
        "no mask from a client, 8201 00, 1002",
        "a fragmented ping, 0980 00000000, 1002",
        "a ping of 126 bytes, 89fe007e, 1002",
        "a continuation of nothing, 8080 00000000, 1002",
        "a negative length, 82ff ffffffffffffffff 00000000, 1002",
        "a length of 2^62, 82ff 4000000000000000 00000000, 1009",
        "one byte more than allowed, 82ff 0000000000100001 00000000, 1009",
        "a close reason that is not UTF-8, 8883 00000000 03e8ff, 1007",
        "a close code that nobody may send, 8882 00000000 03ed, 1002",
        "a close code out of range, 8882 00000000 ffff, 1002"
    })
    void whatBreaksTheRulesIsRefusedWithItsCode(String what, String hex, int code) {
        FrameCodec codec = new FrameCodec(Role.SERVER, MAX);
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThatThrownBy(() -> codec.translateFrame(ByteBuffer.wrap(bytes)))
                .isInstanceOfSatisfying(
                        InvalidDataException.class,
                        e -> assertThat(e.getCloseCode()).isEqualTo(code));
        assertThat(codec.hasFailed()).isTrue();
        assertThatThrownBy(() -> codec.translateFrame(ByteBuffer.wrap(new byte[] {(byte) 0x82, (byte) 0x80})))
                .as("it stays so")
                .isInstanceOf(InvalidDataException.class);
    }

    @Test
    void aServerThatMasksIsRefused() {
        FrameCodec codec = new FrameCodec(Role.CLIENT, MAX);
        assertThatThrownBy(() -> codec.translateFrame(ByteBuffer.wrap(new byte[] {(byte) 0x82, (byte) 0x80})))
                .isInstanceOf(InvalidDataException.class);
    }

    @Test
    void whatCameBeforeAMistakeIsDelivered() throws Exception {
        FrameCodec codec = new FrameCodec(Role.CLIENT, MAX);
        List<Framedata> frames =
                codec.translateFrame(ByteBuffer.wrap(HexFormat.of().parseHex("810161" + "8301")));
        assertThat(frames).hasSize(1);
        assertThat(codec.hasFailed()).isTrue();
        assertThatThrownBy(() -> codec.translateFrame(ByteBuffer.allocate(0))).isInstanceOf(InvalidDataException.class);
    }

    @Test
    void theLimitIsThatOfTheWholeMessageAndIsCheckedBeforeAllocating() throws Exception {
        FrameCodec codec = new FrameCodec(Role.CLIENT, 1024);
        FrameCodec writer = new FrameCodec(Role.SERVER, MAX);
        BinaryFrame first = new BinaryFrame();
        first.setFin(false);
        first.setPayload(ByteBuffer.allocate(600));
        ContinuousFrame more = new ContinuousFrame();
        more.setFin(false);
        more.setPayload(ByteBuffer.allocate(424));
        assertThat(codec.translateFrame(writer.createBinaryFrame(first))).hasSize(1);
        assertThat(codec.translateFrame(writer.createBinaryFrame(more))).hasSize(1);
        PingFrame between = new PingFrame();
        between.setPayload(ByteBuffer.wrap("?".getBytes(StandardCharsets.US_ASCII)));
        assertThat(codec.translateFrame(writer.createBinaryFrame(between))).hasSize(1);
        more.setPayload(ByteBuffer.allocate(1));
        assertThatThrownBy(() -> codec.translateFrame(writer.createBinaryFrame(more)))
                .isInstanceOf(LimitExceededException.class);
    }

    @Test
    void aMessageInsideAFragmentedOneIsRefused() throws Exception {
        FrameCodec codec = new FrameCodec(Role.CLIENT, 1024);
        assertThat(codec.translateFrame(ByteBuffer.wrap(HexFormat.of().parseHex("010161"))))
                .hasSize(1);
        assertThatThrownBy(() ->
                        codec.translateFrame(ByteBuffer.wrap(HexFormat.of().parseHex("810161"))))
                .isInstanceOf(InvalidDataException.class);
    }

    @Test
    void randomBytesNeverBreakIt() {
        for (long seed = 0; seed < 2000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            FrameCodec codec = new FrameCodec(seed % 2 == 0 ? Role.SERVER : Role.CLIENT, 4096);
            byte[] bytes = new byte[random.nextInt(400)];
            random.nextBytes(bytes);
            try {
                feed(codec, bytes, random)
                        .forEach(frame ->
                                assertThat(frame.getPayloadData().remaining()).isLessThanOrEqualTo(4096));
            } catch (InvalidDataException e) {
                assertThat(e.getCloseCode())
                        .as("seed %d", seed)
                        .isIn(CloseFrame.PROTOCOL_ERROR, CloseFrame.TOOBIG, CloseFrame.NO_UTF8);
            }
        }
    }
}
