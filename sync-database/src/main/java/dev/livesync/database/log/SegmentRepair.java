package dev.livesync.database.log;

import dev.livesync.api.Block;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Finds all damage in the segments of a log, even of one that can't be opened, and mends it: a damaged segment is rewritten with its intact
 * records and replaces the old one, which is kept beside it under another name. A missing segment is replaced by an empty one. What is left
 * of damaged records, block by block by its hash, is handed out. Broken off anywhere, it can be done again.
 */
public final class SegmentRepair {
    /** The suffix of damaged files that were replaced. */
    static final String DAMAGED = ".damaged";

    private static final int WINDOW = 1 << 16;
    /** How many segments may be missing at the end, of 64 MiB each unless told otherwise. */
    private static final int MOST_MISSING = 1_000;

    private final Disk disk;
    private final Consumer<String> found;
    private final Consumer<Block> salvaged;
    /** How far the log reached once. */
    private final List<KnownEnd> known = new ArrayList<>();

    private long damagedSegments;

    private SegmentRepair(Disk disk, @Nullable KnownEnd checkpoint, Consumer<String> found, Consumer<Block> salvaged) {
        if (checkpoint != null) {
            known.add(checkpoint);
        }
        this.disk = disk;
        this.found = found;
        this.salvaged = salvaged;
    }

    /**
     * Reports all damage and changes nothing.
     *
     * @param disk where the log is
     * @param checkpoint what a checkpoint knows of the log's end
     * @param found receives a line for each damage, naming file and offset or CID
     * @throws IOException if the disk refuses
     */
    public static void inspect(Disk disk, @Nullable KnownEnd checkpoint, Consumer<String> found) throws IOException {
        new SegmentRepair(disk, checkpoint, found, block -> {}).run(null);
    }

    /**
     * Mends the segments, so that the log can be opened.
     *
     * @param disk where the log is
     * @param checkpoint what a checkpoint knows of the log's end
     * @param random for salts
     * @param found receives a line for each damage
     * @param salvaged receives the intact blocks of damaged records
     * @return how many segments were damaged
     * @throws IOException if the disk refuses
     * @throws SyncException {@link ErrorKind#UNSUPPORTED} if a file is encrypted or of a newer build; nothing has been changed then
     */
    public static long mend(
            Disk disk,
            @Nullable KnownEnd checkpoint,
            RandomGenerator random,
            Consumer<String> found,
            Consumer<Block> salvaged)
            throws IOException {
        SegmentRepair repair = new SegmentRepair(disk, checkpoint, found, salvaged);
        repair.run(random);
        return repair.damagedSegments;
    }

    private void run(@Nullable RandomGenerator random) throws IOException {
        NavigableMap<Long, Integer> newest = SegmentName.newest(disk);
        KnownEnd mark = mark();
        if (mark != null) {
            known.add(mark);
        }
        if (newest.isEmpty() && known.isEmpty()) {
            return;
        }
        if (random != null) {
            SegmentName.tidy(disk, newest);
        }
        UUID database = null;
        Map<Long, SegmentHeader> headers = new HashMap<>();
        for (Map.Entry<Long, Integer> e : newest.entrySet()) {
            SegmentHeader header = header(SegmentName.of(e.getKey(), e.getValue()));
            if (header != null) {
                headers.put(e.getKey(), header);
                database = database == null ? header.database() : database;
            }
        }
        if (database == null && !known.isEmpty()) {
            database = known.get(0).database();
        }
        if (database == null && random != null) {
            database = new UUID(random.nextLong(), random.nextLong());
        }
        UUID of = database;
        known.removeIf(k -> !k.database().equals(of)); // left over from another one
        long last = newest.isEmpty() ? 0 : newest.lastKey();
        for (KnownEnd k : known) {
            requirePlausible(k, last);
            SegmentHeader header = headers.get(k.segment());
            boolean isOther =
                    header != null && Segment.identity(header, newest.getOrDefault(k.segment(), 0)) != k.identity();
            // A file that was written anew is sealed, so there was another behind it.
            last = Math.max(last, k.segment() + (isOther ? 1 : 0));
        }
        for (long number = 1; number <= last; number++) {
            Integer generation = newest.get(number);
            if (generation == null) {
                damagedSegments++;
                found.accept(disk.describe(SegmentName.of(number)) + " is missing"
                        + (newest.higherKey(number) == null ? "; it was there" : ": the files after it are there"));
                if (random != null && database != null) {
                    replace(number, 1, null, List.of(), new SegmentHeader(number, database, random.nextLong()));
                }
            } else {
                segment(number, generation, number == last, database, random);
            }
        }
        if (random != null && database != null && damagedSegments > 0) {
            // A mended segment is sealed, so there has to be another.
            next(new SegmentHeader(last + 1, database, random.nextLong()));
        }
    }

    /** Each segment that is missing is a file to be made, and a line to be reported. */
    private static void requirePlausible(KnownEnd end, long last) {
        if (end.segment() - last > MOST_MISSING) {
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    end.source() + " says that there were " + end.segment() + " segments, and there are " + last
                            + ": too many are missing to be replaced; restore a backup, or remove that file and repair what is left");
        }
    }

    private @Nullable KnownEnd mark() throws IOException {
        try {
            return HighWaterMark.read(disk);
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.UNSUPPORTED) {
                throw e;
            }
            found.accept(String.valueOf(e.getMessage())); // and is written anew when the database is closed
            return null;
        }
    }

    private @Nullable SegmentHeader header(String name) throws IOException {
        try (DiskFile file = disk.open(name)) {
            ByteBuffer start = ByteBuffer.allocate(SegmentHeader.BYTES);
            file.read(0, start);
            return SegmentHeader.decode(start.flip(), disk.describe(name));
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.UNSUPPORTED) {
                throw e; // not damaged, and not to be mended by who cannot read it
            }
            return null;
        }
    }

    private void segment(
            long number, int generation, boolean last, @Nullable UUID database, @Nullable RandomGenerator random)
            throws IOException {
        String name = SegmentName.of(number, generation);
        try (DiskFile file = disk.open(name)) {
            Reading reading = new Reading(file, name, header(name), number, generation, last);
            reading.run();
            if (!reading.damaged) {
                return;
            }
            damagedSegments++;
            if (random != null && database != null) {
                SegmentHeader fresh = new SegmentHeader(number, database, random.nextLong());
                replace(number, generation + 1, file, reading.intact, fresh);
                disk.rename(name, name + DAMAGED);
                disk.sync();
            }
        }
    }

    private @Nullable KnownEnd expected(long number, long identity) {
        return known.stream()
                .filter(k -> k.segment() == number && k.identity() == identity)
                .max(Comparator.comparingLong(KnownEnd::offset))
                .orElse(null);
    }

    /** A stretch of a file. */
    private record Range(long from, int length) {}

    private void replace(long number, int generation, @Nullable DiskFile old, List<Range> records, SegmentHeader header)
            throws IOException {
        String name = SegmentName.of(number, generation);
        disk.delete(name + SegmentName.TEMPORARY);
        try (DiskFile file = disk.create(name + SegmentName.TEMPORARY)) {
            file.write(0, header.encode());
            long at = SegmentHeader.BYTES;
            for (Range r : records) {
                byte[] payload = new byte[r.length];
                if (old != null) {
                    old.read(r.from, ByteBuffer.wrap(payload));
                }
                at = write(file, at, RecordHeader.TRANSACTIONS, payload, header);
            }
            write(file, at, RecordHeader.SEALED, new byte[0], header);
            file.force();
        }
        disk.rename(name + SegmentName.TEMPORARY, name);
        disk.sync();
    }

    private static long write(DiskFile file, long at, int type, byte[] payload, SegmentHeader segment)
            throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        ByteBuffer header = ByteBuffer.allocate(RecordHeader.BYTES);
        new RecordHeader(type, payload.length, (int) crc.getValue()).encode(header, segment, at);
        file.write(at, header.flip());
        file.write(at + RecordHeader.BYTES, ByteBuffer.wrap(payload));
        return at + RecordHeader.BYTES + payload.length;
    }

    private void next(SegmentHeader header) throws IOException {
        String name = SegmentName.of(header.segment());
        disk.delete(name);
        try (DiskFile file = disk.create(name)) {
            file.write(0, header.encode());
            file.force();
        }
        disk.sync();
    }

    /** One pass over one file. */
    private final class Reading {
        final DiskFile file;
        final String path;
        final @Nullable SegmentHeader header;
        final boolean last;
        final long size;
        final List<Range> intact = new ArrayList<>();
        final PayloadReader reader;
        /** The known end in this file. */
        final @Nullable KnownEnd expected;

        boolean damaged;

        Reading(DiskFile file, String name, @Nullable SegmentHeader header, long number, int generation, boolean last)
                throws IOException {
            this.expected =
                    header == null ? null : expected(number, new Segment(name, file, header, generation).identity());
            this.file = file;
            this.path = disk.describe(name);
            this.header = header;
            this.last = last;
            this.size = file.size();
            this.reader = new PayloadReader(file, size, path, 0);
            if (header == null) {
                damage(0, "the header does not match its checksum");
            } else if (header.segment() != number) {
                damage(0, "it is segment " + header.segment());
            }
        }

        void run() throws IOException {
            long at = SegmentHeader.BYTES;
            boolean sealed = false;
            while (at < size && !sealed) {
                RecordHeader record = headerAt(at);
                if (record == null) {
                    long next = find(at + 1);
                    if (last && next < 0 && header != null && !isShort(at)) {
                        return; // what a crash may leave
                    }
                    damage(at, "no record begins here");
                    pieces(at, next < 0 ? size : next);
                    at = next < 0 ? size : next;
                    continue;
                }
                long from = at + RecordHeader.BYTES;
                long next = from + record.length();
                reader.range(from, next);
                if (reader.checksum() != record.checksum()) {
                    if (last && next == size && !isShort(at)) {
                        return;
                    }
                    damage(at, "the record does not match its checksum");
                    pieces(at, next);
                } else if (record.type() == RecordHeader.TRANSACTIONS && !isIntact(from, next)) {
                    damage(at, "a block does not match its CID");
                    pieces(at, next);
                } else if (record.type() == RecordHeader.TRANSACTIONS) {
                    intact.add(new Range(from, record.length()));
                }
                sealed = record.type() == RecordHeader.SEALED;
                at = next;
            }
            if (sealed && at < size) {
                damage(at, "it goes on after its end");
            }
            if (expected != null && isShort(at)) {
                damaged = true;
                found.accept(SegmentLog.tooShort(path, at, expected.offset(), expected));
            }
            if (sealed && last) {
                damage(at, "it ends with a seal, but the next file is missing");
            }
            if (!sealed && !last && !damaged) {
                damage(at, "it ends before the next file begins");
            }
        }

        /** Whether the known end lies behind an offset. */
        private boolean isShort(long at) {
            return expected != null && at < expected.offset();
        }

        /** Whether the hashes of all blocks are right, too. */
        private boolean isIntact(long from, long to) throws IOException {
            reader.range(from, to);
            try {
                while (reader.remaining() > 0) {
                    for (Transaction.Head.Stored s :
                            Transaction.Head.read(reader).blocks()) {
                        byte[] bytes = new byte[s.length()];
                        file.read(Location.offset(s.location()), ByteBuffer.wrap(bytes));
                        Block.verified(s.cid(), bytes);
                    }
                }
                return true;
            } catch (SyncException e) {
                return false;
            }
        }

        private void damage(long at, String what) {
            damaged = true;
            found.accept(path + " is damaged at offset " + at + ": " + what);
        }

        /** Without the file's header its salt is unknown, and only the payload's checksum tells a record. */
        private @Nullable RecordHeader headerAt(long at) throws IOException {
            if (size - at < RecordHeader.BYTES) {
                return null;
            }
            ByteBuffer b = ByteBuffer.allocate(RecordHeader.BYTES);
            file.read(at, b);
            b.flip();
            if (header != null) {
                RecordHeader record = RecordHeader.decode(b, 0, header, at);
                return record != null && record.length() <= size - at - RecordHeader.BYTES ? record : null;
            }
            int length = b.getInt(4);
            if (!RecordHeader.mayStart(b, 0)
                    || b.get(3) != 0
                    || b.get(2) < RecordHeader.TRANSACTIONS
                    || b.get(2) > RecordHeader.SEALED
                    || length < 0
                    || length > size - at - RecordHeader.BYTES) {
                return null;
            }
            reader.range(at + RecordHeader.BYTES, at + RecordHeader.BYTES + length);
            return reader.checksum() == b.getInt(8) ? new RecordHeader(b.get(2), length, b.getInt(8)) : null;
        }

        private long find(long from) throws IOException {
            ByteBuffer window = ByteBuffer.allocate(WINDOW);
            for (long base = from; size - base >= RecordHeader.BYTES; ) {
                window.clear();
                while (window.hasRemaining() && file.read(base + window.position(), window) > 0) {}
                window.flip();
                int end = window.limit() - RecordHeader.BYTES;
                for (int i = 0; i <= end; i++) {
                    if (RecordHeader.mayStart(window, i) && headerAt(base + i) != null) {
                        return base + i;
                    }
                }
                if (end < 0) {
                    break;
                }
                base += end + 1;
            }
            return -1;
        }

        /** Salvages a damaged record: its commits as far as they can be read, and their blocks that are whole and have the right hash. */
        private void pieces(long at, long end) throws IOException {
            if (end - at <= RecordHeader.BYTES) {
                return;
            }
            reader.range(at + RecordHeader.BYTES, end);
            try {
                while (reader.remaining() > 0) {
                    for (Transaction.Head.Stored s :
                            Transaction.Head.readCut(reader).blocks()) {
                        block(s);
                    }
                }
            } catch (SyncException | IllegalArgumentException e) {
                found.accept(path + " after offset " + at + ": nothing more can be read of this record");
            }
        }

        private void block(Transaction.Head.Stored s) throws IOException {
            byte[] bytes = new byte[s.length()];
            file.read(Location.offset(s.location()), ByteBuffer.wrap(bytes));
            try {
                salvaged.accept(Block.verified(s.cid(), bytes));
            } catch (SyncException e) {
                found.accept("block " + s.cid() + " in " + path + " at offset " + Location.offset(s.location())
                        + " does not match its CID; the disk changed it");
            }
        }
    }
}
