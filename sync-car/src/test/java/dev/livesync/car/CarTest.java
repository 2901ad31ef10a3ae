package dev.livesync.car;

import static dev.livesync.car.Fixtures.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CarTest {
    /** What a decoder handed out. */
    static final class Collected implements CarDecoder.Handler {
        final List<List<Cid>> roots = new ArrayList<>();
        final List<Block> blocks = new ArrayList<>();

        @Override
        public void roots(List<Cid> r) {
            assertThat(blocks).isEmpty();
            roots.add(r);
        }

        @Override
        public void block(Block block) {
            assertThat(roots).hasSize(1);
            blocks.add(block);
        }
    }

    private static Collected decode(byte[] car, Limits limits) {
        Collected out = new Collected();
        CarDecoder decoder = new CarDecoder(out, limits);
        decoder.feed(car, 0, car.length);
        decoder.finish();
        assertThat(decoder.bytes()).isEqualTo(car.length);
        assertThat(decoder.blocks()).isEqualTo(out.blocks.size());
        return out;
    }

    @ParameterizedTest
    @MethodSource("dev.livesync.car.Fixtures#cars")
    void eventsDecodedWhileTheyAreHandedOutAreTheSame(String name) throws IOException {
        byte[] car = Fixtures.car(name);
        CarDecoder[] decoder = new CarDecoder[1];
        List<Block> seen = new ArrayList<>();
        decoder[0] = new CarDecoder(
                new CarDecoder.Handler() {
                    @Override
                    public void roots(List<Cid> r) {}

                    @Override
                    public void block(Block block) {
                        Optional<Event> alone = Events.tryDecode(block, Limits.DEFAULT);
                        Optional<Event> here = decoder[0].event(block, Limits.DEFAULT);
                        assertThat(here.map(Event::key)).isEqualTo(alone.map(Event::key));
                        assertThat(here.map(Event::root)).isEqualTo(alone.map(Event::root));
                        assertThat(here.map(Event::parents)).isEqualTo(alone.map(Event::parents));
                        assertThat(here.map(Event::value)).isEqualTo(alone.map(Event::value));
                        Block other = Block.of(Cid.RAW, new byte[0]);
                        assertThatThrownBy(() -> decoder[0].event(other, Limits.DEFAULT))
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining(other.cid().toString());
                        seen.add(block);
                    }
                },
                Limits.DEFAULT);
        for (byte b : car) {
            decoder[0].feed(new byte[] {b}, 0, 1);
        }
        decoder[0].finish();
        assertThat(seen).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.livesync.car.Fixtures#cars")
    void recordedCarsAreReadAndWrittenByteForByte(String name) throws IOException {
        byte[] car = Fixtures.car(name);
        Collected out = decode(car, Limits.DEFAULT);
        assertThat(out.blocks).isEqualTo(Fixtures.blocks(name)).isNotEmpty();
        List<Cid> roots = out.roots.get(0);
        assertThat(CarWriter.encode(roots, out.blocks)).isEqualTo(car);
        assertThat(CarWriter.encodedSize(roots.size(), out.blocks)).isEqualTo(car.length);
        assertThat(written(roots, out.blocks)).isEqualTo(car);
    }

    @ParameterizedTest
    @MethodSource("dev.livesync.car.Fixtures#dumpedCars")
    void recordedRootsEqualTheDump(String name) {
        JsonNode expected = Fixtures.dump(name).get("roots");
        List<Cid> roots = decode(Fixtures.car(name), Limits.DEFAULT).roots.get(0);
        assertThat(roots).hasSize(expected.size());
        for (int i = 0; i < roots.size(); i++) {
            assertThat(roots.get(i).toString()).isEqualTo(expected.get(i).textValue());
        }
    }

    /** The alpha's storage format gives ciphertext a codec of three bytes; an alpha that receives one throws, too. */
    @Test
    void anEncryptedCarIsUnsupported() {
        refused(
                Fixtures.car("f-encrypted-example"),
                ErrorKind.UNSUPPORTED,
                "CAR, block 0 at offset 59: CID with a codec of more than one byte");
    }

    @Test
    void anEmptyCarAndARootlessOneAreLegal() throws IOException {
        Block block = Block.of(Cid.RAW, new byte[0]);
        for (List<Block> blocks : List.of(List.<Block>of(), List.of(block, block))) {
            byte[] car = CarWriter.encode(List.of(), blocks);
            assertThat(car).startsWith(hex("11 a2 65726f6f7473 80 6776657273696f6e 01"));
            Collected out = decode(car, Limits.DEFAULT);
            assertThat(out.roots).containsExactly(List.of());
            assertThat(out.blocks).isEqualTo(blocks);
            assertThat(written(List.of(), blocks)).isEqualTo(car);
        }
    }

    @Test
    void sizesAreKnownBeforehand() {
        for (int roots : new int[] {0, 1, 2, 23, 24, 255, 256, 400}) {
            List<Cid> list = new ArrayList<>();
            for (int i = 0; i < roots; i++) {
                list.add(Cid.hash(Cid.DAG_CBOR, new byte[] {(byte) i}));
            }
            assertThat(CarWriter.headerSize(roots)).isEqualTo(CarWriter.encode(list, List.of()).length);
            assertThat(decode(CarWriter.encode(list, List.of()), Limits.DEFAULT).roots)
                    .containsExactly(list);
        }
        for (int size : new int[] {0, 1, 91, 92, 16_347, 16_348, 100_000}) {
            List<Block> block = List.of(Block.of(Cid.RAW, new byte[size]));
            assertThat(CarWriter.headerSize(0) + CarWriter.sectionSize(size))
                    .isEqualTo(CarWriter.encode(List.of(), block).length)
                    .isEqualTo(CarWriter.encodedSize(0, block));
        }
    }

    /** However a CAR is cut into pieces, the same comes out: every size of piece, then pieces at random. */
    @Test
    void piecesMayBeOfAnySize() {
        byte[] car = Fixtures.car("d-live-05-A");
        Collected whole = decode(car, Limits.DEFAULT);
        for (int size = 1; size <= car.length; size++) {
            int piece = size;
            assertSame(whole, inPieces(car, () -> piece));
        }
        byte[] large = manyBlocks(7);
        Collected expected = decode(large, Limits.DEFAULT);
        long seed = 20_231_123;
        Random random = new Random(seed);
        for (int run = 0; run < 20; run++) {
            assertSame(expected, inPieces(large, () -> 1 + random.nextInt(1 << random.nextInt(19))));
        }
    }

    private static void assertSame(Collected expected, Collected actual) {
        assertThat(actual.roots).isEqualTo(expected.roots);
        assertThat(actual.blocks).isEqualTo(expected.blocks);
    }

    private static Collected inPieces(byte[] car, java.util.function.IntSupplier sizes) {
        Collected out = new Collected();
        CarDecoder decoder = new CarDecoder(out);
        for (int at = 0; at < car.length; ) {
            int n = Math.min(sizes.getAsInt(), car.length - at);
            // A piece of its own, so that nothing beyond it can be read.
            decoder.feed(Arrays.copyOfRange(car, at, at + n), 0, n);
            at += n;
        }
        decoder.finish();
        return out;
    }

    /** Blocks of all sizes up to some that outgrow the decoder's first buffer. */
    private static byte[] manyBlocks(long seed) {
        Random random = new Random(seed);
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] content = new byte[random.nextInt(1 << (i % 19))];
            random.nextBytes(content);
            blocks.add(Block.of(i % 2 == 0 ? Cid.RAW : Cid.DAG_CBOR, content));
        }
        return CarWriter.encode(List.of(blocks.get(3).cid(), blocks.get(0).cid()), blocks);
    }

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "''     | MALFORMED   | CAR is empty: not even a header",
                "00     | MALFORMED   | CAR, the header at offset 0: header of 0 bytes",
                "11a2   | MALFORMED   | CAR ends at offset 2 inside the header that starts at offset 0",
                "91     | MALFORMED   | CAR ends at offset 1 inside the header that starts at offset 0",
                "9100   | MALFORMED   | CAR, the header at offset 0: length is not in its shortest form",
                "ffffffffffffffffff02 | MALFORMED | CAR, the header at offset 0: length of more than 64 bits",
                "ffffffffffffffffffff01 | MALFORMED | CAR, the header at offset 0: length of more than 64 bits",
                "ffffffffffffffffff01 | LIMIT_EXCEEDED | CAR, the header at offset 0: header of 18446744073709551615 bytes is over the limit of 1048576",
                "818040 | LIMIT_EXCEEDED | CAR, the header at offset 0: header of 1048577 bytes is over the limit of 1048576",
                "0aa16776657273696f6e02 | UNSUPPORTED | CAR, the header at offset 0: version 2 (only 1 is known)",
                "0aa16776657273696f6e01 | MALFORMED | CAR, the header at offset 0: dag-cbor: the header has no \"roots\" at offset 0",
                "01a0   | MALFORMED   | CAR, the header at offset 0: dag-cbor: the header is not a map of \"roots\" and \"version\" at offset 0",
                "11a265726f6f7473806776657273696f6e02 | UNSUPPORTED | CAR, the header at offset 0: version 2 (only 1 is known)",
                "11a265726f6f7473806776657273696f6e20 | UNSUPPORTED | CAR, the header at offset 0: version -1 (only 1 is known)",
                "11a265726f6f7473806776657273696f6ef6 | MALFORMED | CAR, the header at offset 0: dag-cbor: the version is not an integer at offset 16",
                "12a265726f6f7473806776657273696f6e0100 | MALFORMED | CAR, the header at offset 0: dag-cbor: 1 bytes are left over after the value at offset 17",
                "12a265726f6f7473806776657273696f6e1801 | MALFORMED | CAR, the header at offset 0: dag-cbor: integer or length is not in its shortest form at offset 16",
                "11a265726f6f7473f66776657273696f6e01 | MALFORMED | CAR, the header at offset 0: dag-cbor: \"roots\" is not an array at offset 7",
                "12a265726f6f747381f66776657273696f6e01 | MALFORMED | CAR, the header at offset 0: dag-cbor: a root is not a link at offset 8",
                "11a265726f6f7473806776657273696f6d01 | MALFORMED | CAR, the header at offset 0: dag-cbor: the header lacks \"version\" after \"roots\" at offset 8",
                "11a265726f6f7473856776657273696f6e01 | MALFORMED | CAR, the header at offset 0: dag-cbor: a root is not a link at offset 8",
            })
    void refusesEachBadHeaderWithItsOwnMessage(String digits, ErrorKind kind, String message) {
        refused(hex(digits), kind, message);
    }

    @Test
    void refusesEachBadSectionWithItsOwnMessage() {
        byte[] start = CarWriter.encode(List.of(), List.of(Block.of(Cid.RAW, new byte[] {1, 2, 3})));
        int at = start.length;
        String digest = "00".repeat(32);
        section(start, "00", ErrorKind.MALFORMED, "section of 0 bytes");
        section(start, "8000", ErrorKind.MALFORMED, "length is not in its shortest form");
        section(start, "ffffffffffffffffff7f", ErrorKind.MALFORMED, "length of more than 64 bits");
        section(
                start,
                "a58080" + "09",
                ErrorKind.LIMIT_EXCEEDED,
                "section of 18874405 bytes is over the limit of 17825792 for a block");
        section(
                start,
                "ffffffffffffffffff01",
                ErrorKind.LIMIT_EXCEEDED,
                "section of 18446744073709551615 bytes is over the limit of 17825792 for a block");
        section(start, "22" + "1220" + digest, ErrorKind.UNSUPPORTED, "CID version 0");
        section(start, "24" + "03551220" + digest, ErrorKind.UNSUPPORTED, "CID version 3");
        section(
                start,
                "25" + "01b9b020" + digest + "00",
                ErrorKind.UNSUPPORTED,
                "CID with a codec of more than one byte");
        section(
                start,
                "24" + "01551320" + digest,
                ErrorKind.UNSUPPORTED,
                "CID with hash 0x13 (only SHA2-256 is known)");
        section(start, "04" + "01550000", ErrorKind.UNSUPPORTED, "CID with hash 0x0 (only SHA2-256 is known)");
        section(start, "24" + "0155121f" + digest, ErrorKind.MALFORMED, "CID with a digest of 31 bytes");
        section(start, "23" + "01551220" + digest, ErrorKind.MALFORMED, "CID of 35 bytes instead of 36");
        section(start, "01" + "01", ErrorKind.MALFORMED, "CID of 1 bytes instead of 36");
        Cid announced = Cid.fromBytes(hex("01551220" + digest), 0);
        section(
                start,
                "25" + "01551220" + digest + "07",
                ErrorKind.HASH_MISMATCH,
                "block " + announced + " does not match its bytes (1 bytes that hash to "
                        + Cid.hash(Cid.RAW, new byte[] {7}) + ")");
        ends(start, "24", "CAR ends at offset " + (at + 1) + " inside block 1 that starts at offset " + at);
        ends(start, "80", "CAR ends at offset " + (at + 1) + " inside block 1 that starts at offset " + at);
        ends(
                start,
                "25" + "01551220" + digest,
                "CAR ends at offset " + (at + 37) + " inside block 1 that starts at offset " + at);
    }

    private static void section(byte[] start, String digits, ErrorKind kind, String what) {
        refused(concat(start, hex(digits)), kind, "CAR, block 1 at offset " + start.length + ": " + what);
    }

    private static void ends(byte[] start, String digits, String message) {
        refused(concat(start, hex(digits)), ErrorKind.MALFORMED, message);
    }

    /** In one piece, byte by byte, and from a stream: the same error, after the same blocks, and again when asked again. */
    private static void refused(byte[] car, ErrorKind kind, String message) {
        throwsThat(kind, message, () -> decode(car, Limits.DEFAULT));

        Collected bytewise = new Collected();
        CarDecoder decoder = new CarDecoder(bytewise);
        ThrowingCallable feedAll = () -> {
            for (byte b : car) {
                decoder.feed(new byte[] {b}, 0, 1);
            }
            decoder.finish();
        };
        throwsThat(kind, message, feedAll);
        throwsThat(kind, message, () -> decoder.feed(car, 0, car.length));
        throwsThat(kind, message, decoder::finish);

        List<Block> read = new ArrayList<>();
        CarReader reader = new CarReader(new ByteArrayInputStream(car));
        throwsThat(kind, message, () -> {
            for (Block block = reader.next(); block != null; block = reader.next()) {
                read.add(block);
            }
        });
        throwsThat(kind, message, reader::next);
        assertThat(read).isEqualTo(bytewise.blocks);
    }

    private static void throwsThat(ErrorKind kind, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessage(message);
    }

    @Test
    void limitsAreThoseThatWereSet() {
        Block block = Block.of(Cid.RAW, new byte[100]);
        byte[] car = CarWriter.encode(List.of(block.cid(), block.cid()), List.of(block));
        Limits exact = Limits.DEFAULT.toBuilder()
                .blockBytes(100)
                .roots(2)
                .headerBytes((int) CarWriter.headerSize(2) - 1)
                .build();
        assertThat(decode(car, exact).blocks).containsExactly(block);
        throwsThat(
                ErrorKind.LIMIT_EXCEEDED,
                "CAR, block 0 at offset 100: section of 136 bytes is over the limit of 99 for a block",
                () -> decode(car, exact.toBuilder().blockBytes(99).build()));
        throwsThat(
                ErrorKind.LIMIT_EXCEEDED,
                "CAR, the header at offset 0: dag-cbor: 2 roots are over the limit of 1 at offset 7",
                () -> decode(car, exact.toBuilder().roots(1).build()));
        throwsThat(
                ErrorKind.LIMIT_EXCEEDED,
                "CAR, the header at offset 0: header of 99 bytes is over the limit of 98",
                () -> decode(car, exact.toBuilder().headerBytes(98).build()));
    }

    /** Where limits were opened wide, an announced length alone still takes no memory: two gigabytes would not fit here. */
    @Test
    void anAnnouncedLengthAloneTakesNoMemory() {
        Limits wide = Limits.DEFAULT.toBuilder()
                .blockBytes(Integer.MAX_VALUE)
                .headerBytes(Integer.MAX_VALUE)
                .build();
        List<CarDecoder> open = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            CarDecoder decoder = new CarDecoder(new Collected(), wide);
            byte[] car = concat(
                    CarWriter.encode(List.of(), List.of()), hex("ffffffff07" + "01551220" + "00".repeat(32) + "0102"));
            decoder.feed(car, 0, car.length);
            open.add(decoder);
            CarDecoder header = new CarDecoder(new Collected(), wide);
            header.feed(hex("ffffffff07a2"), 0, 6);
            open.add(header);
        }
        assertThat(open).hasSize(40);
    }

    @Test
    void whatTheHandlerThrowsComesOutAndEndsTheDecoder() {
        RuntimeException full = new IllegalArgumentException("full");
        CarDecoder decoder = new CarDecoder(new CarDecoder.Handler() {
            @Override
            public void roots(List<Cid> roots) {}

            @Override
            public void block(Block block) {
                throw full;
            }
        });
        byte[] car = Fixtures.car("d-live-05-A");
        assertThatThrownBy(() -> decoder.feed(car, 0, car.length)).isSameAs(full);
        assertThatThrownBy(() -> decoder.feed(car, 0, 1)).isSameAs(full);
        assertThatThrownBy(decoder::finish).isSameAs(full);
    }

    @Test
    void aPieceOutsideItsArrayIsRefusedAndHarmless() {
        byte[] car = Fixtures.car("d-live-05-A");
        Collected out = new Collected();
        CarDecoder decoder = new CarDecoder(out);
        assertThatThrownBy(() -> decoder.feed(car, 1, car.length)).isInstanceOf(IndexOutOfBoundsException.class);
        decoder.feed(car, 0, car.length);
        decoder.finish();
        assertThat(out.blocks).hasSize(2);
    }

    @Test
    void aStreamIsReadBlockByBlockAndClosed() throws IOException {
        byte[] car = manyBlocks(11);
        Collected expected = decode(car, Limits.DEFAULT);
        boolean[] closed = {false};
        InputStream trickle = new ByteArrayInputStream(car) {
            private int calls;

            @Override
            public synchronized int read(byte[] b, int off, int len) {
                return super.read(b, off, Math.min(len, 1 + calls++ % 5000));
            }

            @Override
            public void close() {
                closed[0] = true;
            }
        };
        List<Block> blocks = new ArrayList<>();
        try (CarReader reader = new CarReader(trickle)) {
            assertThat(reader.roots()).isEqualTo(expected.roots.get(0));
            for (Block block = reader.next(); block != null; block = reader.next()) {
                blocks.add(block);
            }
            assertThat(reader.next()).isNull();
            assertThat(reader.roots()).isEqualTo(expected.roots.get(0));
        }
        assertThat(blocks).isEqualTo(expected.blocks);
        assertThat(closed[0]).isTrue();
    }

    @Test
    void anUnreadableStreamSaysSoItself() {
        IOException broken = new IOException("broken");
        CarReader reader = new CarReader(new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                throw broken;
            }
        });
        assertThatThrownBy(reader::roots).isSameAs(broken);
        assertThatThrownBy(reader::next).isSameAs(broken);
    }

    private static byte[] written(List<Cid> roots, List<Block> blocks) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CarWriter writer = new CarWriter(out, roots);
        for (Block block : blocks) {
            writer.write(block);
        }
        return out.toByteArray();
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
