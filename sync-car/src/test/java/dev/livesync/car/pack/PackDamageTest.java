package dev.livesync.car.pack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.car.Limits;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Packs that nobody wrote like that: refused as what they are, in bounded memory, or they hold the events that were written. */
class PackDamageTest {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What a reader may take for a small pack, with the message of its error. */
    private static final long SMALL = 1 << 20;

    private static PackReader reader() {
        return new PackReader(Limits.DEFAULT, 10_000, 1 << 24);
    }

    /** The error, or null if exactly these events were read. */
    private static SyncException outcome(byte[] first, byte[] pack, List<Block> blocks) {
        PackReader reader = reader();
        reader.read(first, 0, first.length);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        SyncException error = null;
        List<Event> events = List.of();
        try {
            events = reader.read(pack, 0, pack.length);
        } catch (SyncException e) {
            error = e;
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).isLessThan(SMALL);
        if (error == null) {
            assertThat(events.stream().map(Event::cid).toList())
                    .isEqualTo(blocks.stream().map(Block::cid).toList());
        } else {
            assertThat(error.kind())
                    .as(error.getMessage())
                    .isIn(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED, ErrorKind.UNSUPPORTED);
        }
        return error;
    }

    @Test
    void everyCutAndEveryChangedByteIsAnErrorOrChangesNothing() {
        long seed = new Random().nextLong();
        for (int round = 0; round < 3; round++) {
            PackHistory events = new PackHistory(seed + round);
            PackWriter writer = new PackWriter();
            byte[] first = writer.write(events.next(6));
            List<Block> blocks = events.next(6);
            byte[] pack = writer.write(blocks);
            assertThat(outcome(first, pack, blocks)).as("seed %s", seed + round).isNull();
            for (int length = 0; length < pack.length; length++) {
                SyncException error = outcome(first, Arrays.copyOf(pack, length), blocks);
                assertThat(error).as("seed %s, cut at %s", seed + round, length).isNotNull();
                assertThat(error.kind()).isEqualTo(ErrorKind.MALFORMED);
            }
            assertThat(outcome(first, Arrays.copyOf(pack, pack.length + 1), blocks))
                    .isNotNull();
            for (int at = 0; at < pack.length; at++) {
                for (int change : new int[] {0x01, 0x02, 0x08, 0x20, 0x40, 0x80, 0xff}) {
                    byte[] changed = pack.clone();
                    changed[at] ^= (byte) change;
                    outcome(first, changed, blocks);
                }
            }
        }
    }

    @Test
    void randomBytesAreRefused() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        byte[] first = new PackWriter().write(new PackHistory(seed).next(5));
        for (int i = 0; i < 20_000; i++) {
            byte[] pack = new byte[4 + random.nextInt(60)];
            random.nextBytes(pack);
            pack[0] = 0;
            pack[1] = (byte) random.nextInt(4);
            pack[2] = (byte) 0xff;
            pack[3] = (byte) random.nextInt(128);
            assertThat(outcome(first, pack, List.of()))
                    .as("seed %s, %s", seed, i)
                    .isNotNull();
        }
    }

    /** Bytes by hand. */
    private static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Bytes put(int... bytes) {
            for (int b : bytes) {
                out.write(b);
            }
            return this;
        }

        Bytes varint(long value) {
            long rest = value;
            while (rest > 127) {
                out.write((int) (rest & 127 | 128));
                rest >>>= 7;
            }
            return put((int) rest);
        }

        Bytes text(String ascii) {
            out.writeBytes(ascii.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        byte[] done() {
            return out.toByteArray();
        }
    }

    private static void assertRefused(PackReader reader, Bytes pack, ErrorKind kind, String message, long most) {
        byte[] bytes = pack.done();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            reader.read(bytes, 0, bytes.length);
        } catch (SyncException e) {
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            assertThat(e).hasMessageContaining(message);
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(allocated).isLessThan(most);
            return;
        }
        throw new AssertionError("read");
    }

    @Test
    void whatIsStatedIsCheckedBeforeAnythingElse() {
        assertRefused(reader(), new Bytes().put(1, 1, 1), ErrorKind.MALFORMED, "a form of pack", SMALL);
        assertRefused(
                reader(),
                new Bytes().put(0).varint(10_001).varint(1).put(0, 0),
                ErrorKind.LIMIT_EXCEEDED,
                "10001 events are over",
                SMALL);
        assertRefused(
                reader(),
                new Bytes().put(0).varint(10_000).varint(1).put(0, 0),
                ErrorKind.MALFORMED,
                "10000 events, but only 2 bytes",
                SMALL);
        assertRefused(
                reader(),
                new Bytes().put(0).varint(0).varint(0).put(0, 0, 0, 0),
                ErrorKind.MALFORMED,
                "0 events",
                SMALL);
        assertRefused(
                reader(),
                new Bytes().put(0, 1).varint((1 << 24) + 1).put(0, 0),
                ErrorKind.LIMIT_EXCEEDED,
                "bytes of blocks are over",
                SMALL);
        assertRefused(
                reader(),
                new Bytes().put(0, 1).varint(100).put(2).varint(1 << 20).put(0),
                ErrorKind.MALFORMED,
                "ends too early",
                SMALL);
        assertRefused(reader(), new Bytes().put(0, 0x81, 0), ErrorKind.MALFORMED, "not in its shortest form", SMALL);
        assertRefused(
                reader(),
                new Bytes().put(0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1),
                ErrorKind.MALFORMED,
                "too large",
                SMALL);
    }

    /** An event whose value is an array of so many maps with a name of 4,000 bytes, of which one byte each travels. */
    private static Bytes shapeBomb(long stated, int maps) {
        Bytes bomb = new Bytes().put(0, 1).varint(stated);
        bomb.put(0, 0, 1).text("J");
        bomb.put(0xa1, 0x61, 'a', 0x99, maps >>> 8, maps & 0xff);
        bomb.put(0xa1, 0x79, 4_000 >>> 8, 4_000 & 0xff).text("n".repeat(4_000)).put(0xf6);
        for (int i = 1; i < maps; i++) {
            bomb.put(0xc1, 0xf6);
        }
        return bomb.put(1, 2, 3, 4);
    }

    @Test
    void repeatedNamesStayWithinWhatWasStatedAndWithinABlock() {
        assertRefused(reader(), shapeBomb(20_000, 10_000), ErrorKind.MALFORMED, "more bytes than it says", SMALL);
        assertRefused(
                new PackReader(Limits.DEFAULT.toBuilder().blockBytes(1 << 18).build(), 10, 1L << 40),
                shapeBomb(1L << 39, 10_000),
                ErrorKind.LIMIT_EXCEEDED,
                "over the limit of 262144",
                SMALL);
        assertRefused(
                new PackReader(Limits.DEFAULT.toBuilder().documentBytes(1 << 18).build(), 10, 1L << 40),
                shapeBomb(1L << 39, 256),
                ErrorKind.LIMIT_EXCEEDED,
                "over the limit of 262144",
                4 << 20);
    }

    @Test
    void nestingIsBounded() {
        for (int initial : new int[] {0x81, 0xc0}) {
            Bytes deep = new Bytes().put(0, 1).varint(1 << 20);
            deep.put(0, 0, 1).text("J");
            deep.put(0xa1, 0x61, 'a');
            for (int i = 0; i < 100_000; i++) {
                deep.put(initial);
            }
            deep.put(0xf6, 1, 2, 3, 4);
            assertRefused(reader(), deep, ErrorKind.LIMIT_EXCEEDED, "nested deeper than 512", SMALL);
        }
    }

    @Test
    void keysAndParentsThatReferToNothingAreRefused() {
        assertRefused(
                reader(), new Bytes().put(0, 1, 99, 0x20, 'J', 1, 2, 3), ErrorKind.MALFORMED, "a key that", SMALL);
        assertRefused(
                reader(), new Bytes().put(0, 1, 99, 0, 1, 0, 1, 2, 3), ErrorKind.MALFORMED, "a key that shares", SMALL);
        assertRefused(
                reader(),
                new Bytes().put(0, 1, 99, 0x09, 0, 1).text("J").put(1, 2, 3, 4),
                ErrorKind.MALFORMED,
                "a parent 1 events ago",
                SMALL);
        assertRefused(
                reader(),
                new Bytes()
                        .put(0, 1)
                        .varint(1 << 20)
                        .put(0x19, 0, 1)
                        .text("J")
                        .varint(10_001)
                        .put(1, 2, 3, 4),
                ErrorKind.LIMIT_EXCEEDED,
                "10001 parents",
                SMALL);
    }

    /** What both ends keep does not grow with what is written. */
    @Test
    void whatIsKeptIsBounded() {
        ShapeTable shapes = new ShapeTable();
        WordTable words = new WordTable();
        EventRing ring = new EventRing();
        for (int i = 0; i < 5_000; i++) {
            byte[] name = new byte[1 + i % ShapeTable.LARGEST];
            shapes.add(new MapShape(name, new int[] {1, name.length}, i));
            byte[] word = Integer.toString(1_000 + i).getBytes(StandardCharsets.ISO_8859_1);
            words.put(WordTable.slot(word, 0, word.length), word, 0, word.length);
            ring.add(Cid.hash(Cid.DAG_CBOR, word));
            int bytes = 0;
            for (int slot = 0; slot < ShapeTable.SLOTS; slot++) {
                MapShape shape = shapes.get(slot);
                bytes += shape == null ? 0 : shape.bytes.length;
            }
            assertThat(bytes).isBetween(1, ShapeTable.BYTES);
        }
        assertThat(shapes.get(ShapeTable.SLOTS)).isNull();
        assertThat(ring.get(EventRing.EVENTS)).isNotNull();
        assertThat(ring.get(EventRing.EVENTS + 1)).isNull();
        List<Integer> filled = new ArrayList<>();
        for (int slot = 0; slot < 256; slot++) {
            if (words.length(slot) > 0) {
                filled.add(slot);
            }
        }
        assertThat(filled).hasSize(256);
    }
}
