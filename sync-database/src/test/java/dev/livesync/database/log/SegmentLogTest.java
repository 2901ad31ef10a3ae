package dev.livesync.database.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Quiet;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.Disks;
import dev.livesync.database.disk.FailingDisk;
import dev.livesync.database.disk.MemoryDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Quiet.class)
class SegmentLogTest {
    private static final long SEGMENT = 1024;

    private static SegmentLog open(Disk disk) throws IOException {
        return SegmentLog.open(disk, SEGMENT, new Random(1));
    }

    /** Opens, reads everything, and leaves the log usable. */
    private static List<String> read(SegmentLog log) throws IOException {
        List<String> records = new ArrayList<>();
        log.scan(p -> records.add(new String(p.readBytes((int) p.remaining()), StandardCharsets.UTF_8)));
        return records;
    }

    private static long append(SegmentLog log, String... parts) throws IOException {
        List<ByteBuffer> payload = new ArrayList<>();
        for (String part : parts) {
            payload.add(ByteBuffer.wrap(part.getBytes(StandardCharsets.UTF_8)));
        }
        long at = log.append(payload);
        log.force();
        return at;
    }

    private static List<String> texts(int count) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add("record " + i + " " + "x".repeat(i * 37 % 300));
        }
        return texts;
    }

    /** A disk as a kill leaves it: no mark of an orderly close. */
    private static MemoryDisk killed(List<String> records) throws IOException {
        MemoryDisk disk = new MemoryDisk();
        SegmentLog log = open(disk);
        for (String text : records) {
            append(log, text);
        }
        log.abandon();
        return disk;
    }

    private static SyncException failure(Disk disk) {
        try {
            read(open(disk));
            return null;
        } catch (SyncException e) {
            return e;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void recordsComeBackInOrderOverManySegments() throws IOException {
        List<String> texts = texts(40);
        MemoryDisk disk = killed(texts);
        assertThat(disk.list()).hasSizeGreaterThan(3);
        SegmentLog log = open(disk);
        assertThat(read(log)).isEqualTo(texts);
        append(log, "one ", "more");
        log.close();
        List<String> more = new ArrayList<>(texts);
        more.add("one more");
        assertThat(read(open(disk))).isEqualTo(more);
    }

    @Test
    void payloadsCanBeReadByLocation() throws IOException {
        SegmentLog log = open(new MemoryDisk());
        List<Long> places = new ArrayList<>();
        List<String> texts = texts(30);
        for (String text : texts) {
            places.add(append(log, text));
        }
        for (int i = 0; i < texts.size(); i++) {
            byte[] bytes = log.read(places.get(i), texts.get(i).length());
            assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(texts.get(i));
        }
    }

    @Test
    void recordsLargerThanAnyWindowAndSegment() throws IOException {
        MemoryDisk disk = new MemoryDisk();
        SegmentLog log = open(disk);
        String large = "0123456789".repeat(100_000);
        append(log, "a");
        append(log, large, large);
        append(log, "b");
        log.close();
        assertThat(read(open(disk))).containsExactly("a", large + large, "b");
    }

    @Test
    void aTornTailIsCutWhereverItWasTorn() throws IOException {
        List<String> texts = texts(12);
        NavigableMap<String, byte[]> whole = Disks.bytes(killed(texts));
        NavigableMap<String, byte[]> before = Disks.bytes(killed(texts.subList(0, 11)));
        String last = whole.lastKey();
        assertThat(before.lastKey()).isEqualTo(last);
        int from = before.get(last).length;
        for (int size = from; size <= whole.get(last).length; size++) {
            NavigableMap<String, byte[]> torn = new TreeMap<>(whole);
            torn.put(last, Arrays.copyOf(whole.get(last), size));
            MemoryDisk disk = Disks.of(torn);
            SegmentLog log = open(disk);
            List<String> expected = texts.subList(0, size < whole.get(last).length ? 11 : 12);
            assertThat(read(log)).as("cut at %d", size).isEqualTo(expected);
            append(log, "after");
            List<String> after = new ArrayList<>(expected);
            after.add("after");
            assertThat(read(open(disk))).as("cut at %d, then written", size).isEqualTo(after);
        }
    }

    /** Pages of one write may reach the disk in any order. */
    @Test
    void aLastRecordWithHolesIsCut() throws IOException {
        List<String> texts = texts(12);
        NavigableMap<String, byte[]> whole = Disks.bytes(killed(texts));
        String last = whole.lastKey();
        int from = Disks.bytes(killed(texts.subList(0, 11))).get(last).length;
        for (int at = from; at < whole.get(last).length; at++) {
            NavigableMap<String, byte[]> torn = new TreeMap<>(whole);
            byte[] bytes = whole.get(last).clone();
            bytes[at] ^= 0x10;
            torn.put(last, bytes);
            assertThat(read(open(Disks.of(torn)))).as("flipped at %d", at).isEqualTo(texts.subList(0, 11));
        }
    }

    @Test
    void aFlippedByteAnywhereElseIsCorruptByName() throws IOException {
        List<String> texts = texts(12);
        MemoryDisk disk = killed(texts);
        SegmentLog log = open(disk);
        read(log);
        log.close();
        NavigableMap<String, byte[]> whole = Disks.bytes(disk);
        for (String name : whole.keySet()) {
            int end = whole.get(name).length - (name.equals(whole.lastKey()) ? RecordHeader.BYTES : 0);
            for (int at = 0; at < end; at++) {
                byte[] bytes = whole.get(name).clone();
                bytes[at] ^= 1;
                NavigableMap<String, byte[]> damaged = new TreeMap<>(whole);
                damaged.put(name, bytes);
                MemoryDisk copy = Disks.of(damaged);
                SyncException e = failure(copy);
                assertThat(e).as("%s flipped at %d", name, at).isNotNull();
                assertThat(e.kind())
                        .as("%s flipped at %d", name, at)
                        .isIn(at < 8 ? List.of(ErrorKind.MALFORMED) : List.of(ErrorKind.CORRUPT));
                assertThat(e.getMessage()).contains(name);
                assertThat(Disks.bytes(copy).get(name)).as("nothing is touched").isEqualTo(bytes);
            }
        }
    }

    @Test
    void aMissingFileIsCorruptByName() throws IOException {
        NavigableMap<String, byte[]> whole = Disks.bytes(killed(texts(40)));
        for (String name : List.copyOf(whole.keySet())) {
            NavigableMap<String, byte[]> rest = new TreeMap<>(whole);
            rest.remove(name);
            SyncException e = failure(Disks.of(rest));
            assertThat(e).isNotNull();
            assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
            assertThat(e.getMessage()).contains(name).contains("missing");
        }
    }

    @Test
    void aFileOfAnotherDatabaseIsCorrupt() throws IOException {
        NavigableMap<String, byte[]> whole = Disks.bytes(killed(texts(40)));
        MemoryDisk other = new MemoryDisk();
        SegmentLog log = SegmentLog.open(other, SEGMENT, new Random(2));
        for (String text : texts(40)) {
            append(log, text);
        }
        whole.put(whole.lastKey(), Disks.bytes(other).lastEntry().getValue());
        assertThat(failure(Disks.of(whole)))
                .hasMessageContaining(whole.lastKey())
                .hasMessageContaining("elsewhere");
    }

    @Test
    void whatAKillLeavesOfANewSegmentIsRemoved() throws IOException {
        NavigableMap<String, byte[]> whole = Disks.bytes(killed(texts(3)));
        assertThat(whole).hasSize(1);
        byte[] header = Disks.bytes(killed(texts(40))).lastEntry().getValue();
        for (int size = 0; size < SegmentHeader.BYTES; size++) {
            whole.put("segment-00000002.log", Arrays.copyOf(header, size));
            MemoryDisk disk = Disks.of(whole);
            SegmentLog log = open(disk);
            assertThat(read(log)).isEqualTo(texts(3));
            assertThat(disk.list()).hasSize(1);
        }
        whole.put("segment-00000002.log", new byte[SegmentHeader.BYTES]);
        assertThat(read(open(Disks.of(whole)))).isEqualTo(texts(3));
        assertThat(read(open(Disks.of(new TreeMap<>(Map.of("segment-00000001.log", new byte[17]))))))
                .isEmpty();
    }

    @Test
    void aKillBetweenCreatingAndSealingIsMended() throws IOException {
        List<String> texts = texts(40);
        MemoryDisk full = new MemoryDisk();
        SegmentLog log = open(full);
        int count = 0;
        while (full.list().size() < 2) {
            append(log, texts.get(count++));
        }
        // Back to the moment before the seal and the record that followed it.
        NavigableMap<String, byte[]> files = Disks.bytes(full);
        byte[] first = files.firstEntry().getValue();
        int unsealed = first.length - RecordHeader.BYTES;
        for (int size = unsealed; size <= first.length; size++) {
            files.put("segment-00000001.log", Arrays.copyOf(first, size));
            files.put("segment-00000002.log", Arrays.copyOf(files.lastEntry().getValue(), SegmentHeader.BYTES));
            MemoryDisk disk = Disks.of(files);
            SegmentLog mended = open(disk);
            assertThat(read(mended)).isEqualTo(texts.subList(0, count - 1));
            append(mended, "more");
            assertThat(read(open(disk))).hasSize(count).endsWith("more");
        }
    }

    @Test
    void strangersAndTheFutureAreRefusedByName() throws IOException {
        assertThat(failure(Disks.of(Map.of("segment-00000001.log", "hello, world".getBytes(StandardCharsets.UTF_8)))))
                .hasMessageContaining("segment-00000001.log")
                .extracting(SyncException::kind)
                .isEqualTo(ErrorKind.MALFORMED);
        Map<Integer, String> fields = Map.of(9, "format version 9", 15, "features", 49, "encrypted, with cipher 9");
        fields.forEach((field, words) -> {
            ByteBuffer header = new SegmentHeader(1, new UUID(1, 2), 3).encode();
            header.put(field, (byte) 9);
            CRC32C crc = new CRC32C();
            crc.update(header.duplicate().limit(60));
            header.putInt(60, (int) crc.getValue());
            byte[] bytes = new byte[SegmentHeader.BYTES];
            header.get(0, bytes);
            MemoryDisk disk = Disks.of(Map.of("segment-00000001.log", bytes));
            assertThat(failure(disk))
                    .hasMessageContaining("segment-00000001.log")
                    .hasMessageContaining(words)
                    .extracting(SyncException::kind)
                    .isEqualTo(ErrorKind.UNSUPPORTED);
            assertThatThrownBy(() -> SegmentRepair.mend(disk, null, new Random(1), line -> {}, block -> {}))
                    .as("a repair leaves it alone")
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED));
            assertThat(Disks.bytes(disk)).containsOnlyKeys("segment-00000001.log");
        });
    }

    /** A document may contain the bytes of a record, but not one that counts at its place. */
    @Test
    void noPayloadCanImitateARecord() throws IOException {
        byte[] genuine = Disks.bytes(killed(texts(2))).firstEntry().getValue();
        String copy = new String(
                genuine, SegmentHeader.BYTES, genuine.length - SegmentHeader.BYTES, StandardCharsets.ISO_8859_1);
        MemoryDisk disk = new MemoryDisk();
        SegmentLog log = open(disk);
        append(log, "kept");
        log.append(List.of(ByteBuffer.wrap((copy + copy).getBytes(StandardCharsets.ISO_8859_1))));
        NavigableMap<String, byte[]> files = Disks.bytes(disk);
        byte[] torn = files.firstEntry().getValue();
        int start = SegmentHeader.BYTES + RecordHeader.BYTES + "kept".length();
        Arrays.fill(torn, start, start + RecordHeader.BYTES, (byte) 0);
        files.put(files.firstKey(), torn);
        assertThat(read(open(Disks.of(files)))).containsExactly("kept");
    }

    @Test
    void aFailedAppendLeavesNothingAfterRollback() throws IOException {
        for (FailingDisk.Fault fault :
                new FailingDisk.Fault[] {FailingDisk.Fault.WRITE, FailingDisk.Fault.FORCE, FailingDisk.Fault.CREATE}) {
            for (int successes = 0; successes < 3; successes++) {
                MemoryDisk memory = new MemoryDisk();
                FailingDisk disk = new FailingDisk(memory);
                SegmentLog log = open(disk);
                List<String> expected = new ArrayList<>();
                for (String text : texts(40)) {
                    long before = log.end();
                    disk.fail(expected.size() % 3 == 0 ? fault : FailingDisk.Fault.NONE, successes);
                    try {
                        append(log, text);
                        expected.add(text);
                    } catch (IOException e) {
                        disk.fail(FailingDisk.Fault.NONE);
                        log.rollback(before);
                        append(log, "instead");
                        expected.add("instead");
                    }
                }
                disk.fail(FailingDisk.Fault.NONE);
                log.close();
                assertThat(read(open(memory)))
                        .as("%s after %d", fault, successes)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void checkNamesEveryDamageAndReadsTheRest() throws IOException {
        MemoryDisk disk = killed(texts(12));
        NavigableMap<String, byte[]> files = Disks.bytes(disk);
        byte[] first = files.firstEntry().getValue();
        first[SegmentHeader.BYTES + RecordHeader.BYTES] ^= 1; // payload of record 0
        SegmentLog sound = open(disk);
        read(sound);
        SegmentLog damaged = open(Disks.of(files));
        List<String> found = new ArrayList<>();
        List<String> intact = new ArrayList<>();
        damaged.check(
                sound.end(),
                found::add,
                p -> intact.add(new String(p.readBytes((int) p.remaining()), StandardCharsets.UTF_8)));
        assertThat(found)
                .hasSize(1)
                .first()
                .asString()
                .contains("segment-00000001.log")
                .contains("offset 64");
        assertThat(intact).isEqualTo(texts(12).subList(1, 12));
        assertThatThrownBy(() -> read(damaged)).isInstanceOf(SyncException.class);
    }
}
