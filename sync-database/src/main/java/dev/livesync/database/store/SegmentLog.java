package dev.livesync.database.store;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An append-only log in numbered segment files.
 *
 * <p><strong>What a crash can leave.</strong> A record is only begun after everything before it was forced, so all damage that a
 * crash does lies in the last record, and that one was never acknowledged: opening cuts it off and says so. Damage with
 * anything valid after it was done by something else; it is {@link ErrorKind#CORRUPT} and nothing is touched. Closing writes
 * a mark, so that after an orderly end there is no last record to doubt.
 *
 * <p>A new segment is created, and its directory entry forced, before the old one is sealed: a sealed segment without a successor
 * means that a file is missing.
 *
 * <p>One thread at a time for everything but {@link #read}, which any thread may call for what was appended before.
 */
public final class SegmentLog implements Closeable {
    private static final System.Logger LOG = System.getLogger(SegmentLog.class.getName());
    private static final String PREFIX = "segment-";
    private static final String SUFFIX = ".log";
    private static final int WINDOW = 1 << 16;

    private final Disk disk;
    private final long segmentBytes;
    private final RandomGenerator random;
    private final UUID database;
    /** By number, from 1. Replaced, never changed: readers need no lock. */
    private volatile Segment[] segments;
    /** Where the next record goes. */
    private long end;
    /** Whether the last record is a mark of an orderly close (or there is none). */
    private boolean marked;

    private @Nullable ByteBuffer buffer;

    private record Segment(String name, LogFile file, SegmentHeader header) {}

    /** Takes the records of a log in order. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One intact record of transactions.
         *
         * @param payload at its start; {@link PayloadReader#remaining} is its length
         * @throws IOException as the payload throws it
         */
        void record(PayloadReader payload) throws IOException;
    }

    private SegmentLog(Disk disk, long segmentBytes, RandomGenerator random, UUID database, Segment[] segments) {
        this.disk = disk;
        this.segmentBytes = segmentBytes;
        this.random = random;
        this.database = database;
        this.segments = segments;
        this.end = SegmentHeader.BYTES;
        this.marked = true;
    }

    /**
     * Whether a file is part of a log.
     *
     * @param name its name
     * @return true if it is called like a segment
     */
    public static boolean isSegment(String name) {
        return number(name) > 0;
    }

    /**
     * Opens a log, or creates one on a disk without segments. Nothing is read yet but headers: {@link #scan} comes next.
     *
     * @param disk where; closed with the log
     * @param segmentBytes a new segment begins when one has this size
     * @param random for the identity of a new database and for salts
     * @return the log
     * @throws IOException if the disk refuses
     * @throws SyncException {@link ErrorKind#CORRUPT}, {@link ErrorKind#MALFORMED} or {@link ErrorKind#UNSUPPORTED}, naming the
     *     file
     */
    public static SegmentLog open(Disk disk, long segmentBytes, RandomGenerator random) throws IOException {
        List<Long> numbers = new ArrayList<>();
        for (String name : disk.list()) {
            if (isSegment(name)) {
                numbers.add(number(name));
            }
        }
        numbers.sort(null);
        List<Segment> segments = new ArrayList<>();
        boolean opened = false;
        try {
            for (int i = 0; i < numbers.size(); i++) {
                if (numbers.get(i) != i + 1) {
                    throw new SyncException(
                            ErrorKind.CORRUPT,
                            disk.describe(name(i + 1)) + " is missing: the files after it are there");
                }
                Segment segment = openSegment(disk, i + 1, i == numbers.size() - 1);
                if (segment != null) {
                    segments.add(segment);
                    requireSameDatabase(disk, segments.get(0), segment, i + 1);
                }
            }
            UUID database = segments.isEmpty()
                    ? new UUID(random.nextLong(), random.nextLong())
                    : segments.get(0).header().database();
            if (segments.isEmpty()) {
                segments.add(createSegment(disk, new SegmentHeader(1, database, random.nextLong())));
            }
            SegmentLog log = new SegmentLog(disk, segmentBytes, random, database, segments.toArray(Segment[]::new));
            opened = true;
            return log;
        } finally {
            if (!opened) {
                for (Segment s : segments) {
                    s.file().close();
                }
            }
        }
    }

    /** Null if a crash interrupted the creation of the last segment, which is removed then. */
    private static @Nullable Segment openSegment(Disk disk, long number, boolean last) throws IOException {
        String name = name(number);
        LogFile file = disk.open(name);
        boolean good = false;
        try {
            ByteBuffer start = ByteBuffer.allocate(SegmentHeader.BYTES);
            file.read(0, start);
            start.flip();
            if (last && SegmentHeader.isTorn(start, file.size())) {
                LOG.log(
                        Level.WARNING,
                        "{0} was being created when the process ended; removing it",
                        disk.describe(name));
                file.close();
                disk.delete(name);
                disk.sync();
                return null;
            }
            Segment segment = new Segment(name, file, SegmentHeader.decode(start, disk.describe(name)));
            good = true;
            return segment;
        } finally {
            if (!good) {
                file.close();
            }
        }
    }

    private static void requireSameDatabase(Disk disk, Segment first, Segment segment, long number) {
        if (segment.header().segment() != number
                || !segment.header().database().equals(first.header().database())) {
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    disk.describe(segment.name()) + " belongs elsewhere: it is segment "
                            + segment.header().segment() + " of database "
                            + segment.header().database());
        }
    }

    private static Segment createSegment(Disk disk, SegmentHeader header) throws IOException {
        String name = name(header.segment());
        LogFile file = disk.create(name);
        boolean good = false;
        try {
            file.write(0, header.encode());
            file.force();
            disk.sync();
            good = true;
            return new Segment(name, file, header);
        } finally {
            if (!good) {
                file.close();
                disk.delete(name);
            }
        }
    }

    /**
     * The identity of the database, given at its creation.
     *
     * @return the same for the whole life of the files
     */
    public UUID database() {
        return database;
    }

    /**
     * Where the next record will be written.
     *
     * @return a location, for {@link #rollback}
     */
    public long end() {
        return Location.of(segments.length, end);
    }

    /**
     * The name of the file that holds a location, and the offset in it.
     *
     * @param location a location
     * @return for messages
     */
    public String describe(long location) {
        return disk.describe(name(Location.segment(location))) + " at offset " + Location.offset(location);
    }

    /**
     * Reads all records, checks every checksum, and cuts off what a crash left of the last one.
     *
     * @param visitor receives the records, oldest first
     * @throws IOException if the disk refuses
     * @throws SyncException {@link ErrorKind#CORRUPT} naming file and offset
     */
    public void scan(Visitor visitor) throws IOException {
        Segment[] all = segments;
        for (int i = 0; i < all.length; i++) {
            boolean last = i == all.length - 1;
            boolean nothingFollows =
                    last || i == all.length - 2 && all[i + 1].file().size() == SegmentHeader.BYTES;
            boolean sealed = scan(all[i], last, nothingFollows, visitor);
            if (!last && !sealed) {
                // The process ended between creating the next segment and sealing this one.
                write(all[i], end, RecordHeader.SEALED, List.of());
                all[i].file().force();
            }
        }
    }

    /**
     * Checks every checksum without changing anything.
     *
     * @param upTo the {@link #end} at some moment; what came later is not looked at
     * @param found receives a line for every damaged stretch
     * @param visitor receives the intact records
     * @throws IOException if the disk refuses
     */
    public void check(long upTo, Consumer<String> found, Visitor visitor) throws IOException {
        Segment[] now = segments;
        for (int i = 0; i < Location.segment(upTo); i++) {
            boolean last = i + 1 == Location.segment(upTo);
            check(now[i], last ? Location.offset(upTo) : now[i].file().size(), found, visitor);
        }
    }

    private void check(Segment s, long size, Consumer<String> found, Visitor visitor) throws IOException {
        String path = disk.describe(s.name());
        PayloadReader reader =
                new PayloadReader(s.file(), size, path, s.header().segment());
        long at = SegmentHeader.BYTES;
        while (at < size) {
            RecordHeader record = headerAt(reader, s, at, size);
            long next = record == null ? findRecord(s, at + 1, size) : at + RecordHeader.BYTES + record.length();
            if (record == null) {
                found.accept(path + " is damaged at offset " + at + ": no record begins here");
                at = next < 0 ? size : next;
                continue;
            }
            reader.range(at + RecordHeader.BYTES, next);
            if (reader.checksum() != record.checksum()) {
                found.accept(path + " is damaged at offset " + at + ": the record does not match its checksum");
            } else if (record.type() == RecordHeader.TRANSACTIONS) {
                reader.range(at + RecordHeader.BYTES, next);
                visitor.record(reader);
            }
            at = next;
        }
    }

    private static @Nullable RecordHeader headerAt(PayloadReader reader, Segment s, long at, long size)
            throws IOException {
        reader.range(at, size);
        ByteBuffer window = reader.peek((int) Math.min(RecordHeader.BYTES, size - at));
        RecordHeader record = RecordHeader.decode(window, window.position(), s.header(), at);
        return record != null && record.length() <= size - at - RecordHeader.BYTES ? record : null;
    }

    /** Leaves {@link #end} behind the last intact record; says whether that was a seal. */
    private boolean scan(Segment s, boolean last, boolean mayCut, Visitor visitor) throws IOException {
        String path = disk.describe(s.name());
        long size = s.file().size();
        PayloadReader reader =
                new PayloadReader(s.file(), size, path, s.header().segment());
        long at = SegmentHeader.BYTES;
        boolean sealed = false;
        while (at < size) {
            RecordHeader record = headerAt(reader, s, at, size);
            if (record == null) {
                cut(s, at, size, mayCut && findRecord(s, at + 1, size) < 0, "no intact record begins here");
                break;
            }
            long next = at + RecordHeader.BYTES + record.length();
            reader.range(at + RecordHeader.BYTES, next);
            if (reader.checksum() != record.checksum()) {
                cut(s, at, size, mayCut && next == size, "the record does not match its checksum");
                break;
            }
            marked = record.type() == RecordHeader.CLOSED;
            switch (record.type()) {
                case RecordHeader.TRANSACTIONS -> {
                    reader.range(at + RecordHeader.BYTES, next);
                    visitor.record(reader);
                }
                case RecordHeader.CLOSED -> {}
                case RecordHeader.SEALED -> sealed = true;
                default ->
                    throw new SyncException(
                            ErrorKind.UNSUPPORTED,
                            path + " at offset " + at + ": record type " + record.type() + " is newer than this build");
            }
            at = next;
            if (sealed && at < size) {
                throw new SyncException(
                        ErrorKind.CORRUPT, path + " is damaged at offset " + at + ": it goes on after its end");
            }
        }
        if (sealed && last) {
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    disk.describe(name(s.header().segment() + 1)) + " is missing: " + path + " says that it exists");
        }
        if (!sealed && !mayCut) {
            throw new SyncException(
                    ErrorKind.CORRUPT, path + " is damaged at offset " + at + ": it ends before the next file begins");
        }
        end = at;
        return sealed;
    }

    private void cut(Segment s, long at, long size, boolean allowed, String why) throws IOException {
        String path = disk.describe(s.name());
        if (!allowed) {
            throw new SyncException(ErrorKind.CORRUPT, path + " is damaged at offset " + at + ": " + why);
        }
        LOG.log(
                Level.WARNING,
                "{0}: cutting {1} bytes at offset {2}, the rest of a write that was never acknowledged",
                path,
                Long.toString(size - at),
                Long.toString(at));
        s.file().truncate(at);
        s.file().force();
    }

    /** Where the next intact record header begins, or -1. */
    private static long findRecord(Segment s, long from, long size) throws IOException {
        ByteBuffer window = ByteBuffer.allocate(WINDOW);
        long base = from;
        while (size - base >= RecordHeader.BYTES) {
            window.clear();
            while (window.hasRemaining() && s.file().read(base + window.position(), window) > 0) {}
            window.flip();
            int last = window.limit() - RecordHeader.BYTES;
            for (int i = 0; i <= last; i++) {
                if (RecordHeader.mayStart(window, i)) {
                    RecordHeader record = RecordHeader.decode(window, i, s.header(), base + i);
                    if (record != null && record.length() <= size - base - i - RecordHeader.BYTES) {
                        return base + i;
                    }
                }
            }
            if (last < 0) {
                break;
            }
            base += last + 1;
        }
        return -1;
    }

    /**
     * Appends one record of transactions. Not durable before {@link #force}, and the next one must not be appended before
     * either.
     *
     * @param payload its parts; consumed
     * @return where the payload begins
     * @throws IOException if the disk refuses; {@link #rollback} is due then
     */
    public long append(List<ByteBuffer> payload) throws IOException {
        if (end >= segmentBytes) {
            roll();
        }
        Segment s = segments[segments.length - 1];
        long start = end + RecordHeader.BYTES;
        end = write(s, end, RecordHeader.TRANSACTIONS, payload);
        marked = false;
        return Location.of(s.header().segment(), start);
    }

    private void roll() throws IOException {
        Segment[] now = segments;
        long number = now.length + 1L;
        if (number > Location.MAX_SEGMENT) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    disk.describe("") + " has " + now.length + " segments, the most there can be");
        }
        Segment next = createSegment(disk, new SegmentHeader(number, database, random.nextLong()));
        boolean sealed = false;
        try {
            Segment old = now[now.length - 1];
            write(old, end, RecordHeader.SEALED, List.of());
            old.file().force();
            sealed = true;
        } finally {
            if (!sealed) {
                next.file().close(); // the file stays until rollback has removed the seal, durably
            }
        }
        Segment[] more = Arrays.copyOf(now, now.length + 1);
        more[now.length] = next;
        segments = more;
        end = SegmentHeader.BYTES;
    }

    /** Writes a record; gives the offset behind it. */
    private long write(Segment s, long offset, int type, List<ByteBuffer> payload) throws IOException {
        CRC32C crc = new CRC32C();
        long length = 0;
        for (ByteBuffer part : payload) {
            crc.update(part.duplicate());
            length += part.remaining();
        }
        if (length > Integer.MAX_VALUE) {
            throw new SyncException(ErrorKind.LIMIT_EXCEEDED, length + " bytes are too much for one commit");
        }
        if (buffer == null) {
            buffer = ByteBuffer.allocate(WINDOW);
        }
        ByteBuffer out = buffer.clear();
        new RecordHeader(type, (int) length, (int) crc.getValue()).encode(out, s.header(), offset);
        long at = offset;
        for (ByteBuffer part : payload) {
            while (part.hasRemaining()) {
                if (!out.hasRemaining()) {
                    at = flush(s, at, out);
                }
                int n = Math.min(out.remaining(), part.remaining());
                out.put(part.slice(part.position(), n));
                part.position(part.position() + n);
            }
        }
        return flush(s, at, out);
    }

    private static long flush(Segment s, long at, ByteBuffer out) throws IOException {
        out.flip();
        int n = out.remaining();
        s.file().write(at, out);
        out.clear();
        return at + n;
    }

    /**
     * Makes everything that was appended durable.
     *
     * @throws IOException if the disk refuses; {@link #rollback} is due then
     */
    public void force() throws IOException {
        segments[segments.length - 1].file().force();
    }

    /**
     * Removes what was appended after a point, durably. What follows a failed {@link #append} or {@link #force}.
     *
     * @param to the {@link #end} before them
     * @throws IOException if the disk refuses; nothing must be appended then
     */
    public void rollback(long to) throws IOException {
        Segment[] now = segments;
        // If the append began a new segment, that stays, empty.
        end = Location.segment(to) < now.length ? SegmentHeader.BYTES : Location.offset(to);
        LogFile file = now[now.length - 1].file();
        file.truncate(end);
        file.force();
        marked = false;
        disk.delete(name(now.length + 1L));
        disk.sync();
    }

    /**
     * Reads bytes of a record.
     *
     * @param location where they begin
     * @param length how many
     * @return a new array
     * @throws IOException if the disk refuses or has fewer bytes
     */
    public byte[] read(long location, int length) throws IOException {
        byte[] bytes = new byte[length];
        LogFile file = segments[(int) Location.segment(location) - 1].file();
        int n = length == 0 ? 0 : file.read(Location.offset(location), ByteBuffer.wrap(bytes));
        if (n < length) {
            throw new SyncException(ErrorKind.CORRUPT, describe(location) + " ends too early");
        }
        return bytes;
    }

    /** Writes the mark of an orderly end, if anything was written since the last one, and closes all files. */
    @Override
    public void close() throws IOException {
        try (disk) {
            if (!marked) {
                write(segments[segments.length - 1], end, RecordHeader.CLOSED, List.of());
                force();
            }
        } finally {
            release();
        }
    }

    /**
     * Closes all files without another write: what is left to do after a failure.
     *
     * @throws IOException if the disk refuses
     */
    public void abandon() throws IOException {
        try (disk) {
            release();
        }
    }

    private void release() throws IOException {
        for (Segment s : segments) {
            s.file().close();
        }
    }

    private static String name(long number) {
        String digits = Long.toString(number);
        return PREFIX + "0".repeat(Math.max(0, 8 - digits.length())) + digits + SUFFIX;
    }

    private static long number(String name) {
        if (!name.startsWith(PREFIX) || !name.endsWith(SUFFIX)) {
            return -1;
        }
        String digits = name.substring(PREFIX.length(), name.length() - SUFFIX.length());
        if (digits.length() != 8 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        return Long.parseLong(digits);
    }
}
