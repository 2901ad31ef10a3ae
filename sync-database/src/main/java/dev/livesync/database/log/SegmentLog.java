package dev.livesync.database.log;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.DiskFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongBinaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An append-only log in numbered segment files: which there are ({@link Segment}), where the next record goes, and which file of a segment counts
 * after {@link SegmentRewrite}. {@link Records} reads what is in one, {@link RecordWriter} writes.
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
    private final Disk disk;
    private final long segmentBytes;
    private final RandomGenerator random;
    private final TornTail tornTail;
    private final UUID database;
    private final boolean readOnly;
    /** The ends that other files know of. A scan fails at the first that the log doesn't reach. */
    private final List<KnownEnd> known = new ArrayList<>();
    /** What the next scan has to reach, as a location. */
    private long durable;

    /** The segments by number, from 1. Replaced, never changed, so that readers need no lock. */
    private volatile Segment[] segments;
    /** The location of the next record. */
    private long end;
    /** Whether what an earlier process wrote last is known to be durable. */
    private boolean confirmed;
    /** The start of the last record that was scanned. */
    private long lastRecord;
    /** Whether the last record is a mark of an orderly close (or there is none). */
    private boolean marked;

    private final RecordWriter writer = new RecordWriter();
    private final WorkCounts counts = new WorkCounts();

    /** Replaced files that may still be read from, by segment; null where there is none. */
    private volatile @Nullable Segment[] replaced = new @Nullable Segment[0];

    private static long truncate(DiskFile file, long at, long size) throws IOException {
        file.truncate(at);
        file.force();
        return at;
    }

    private SegmentLog(
            Disk disk,
            long segmentBytes,
            RandomGenerator random,
            TornTail tornTail,
            UUID database,
            Segment[] segments,
            boolean readOnly) {
        this.readOnly = readOnly;
        this.disk = disk;
        this.tornTail = tornTail;
        this.segmentBytes = segmentBytes;
        this.random = random;
        this.database = database;
        this.segments = segments;
        this.end = SegmentHeader.BYTES;
        this.marked = true;
    }

    /**
     * Tells the files of a log from others.
     *
     * @param name a file's name
     * @return true if it is that of a segment or of the high-water mark
     */
    public static boolean isOwnFile(String name) {
        return SegmentName.number(name) > 0 || name.equals(HighWaterMark.FILE);
    }

    /**
     * Whether nothing is ever written.
     *
     * @return true if it was opened to be read
     */
    public boolean isReadOnly() {
        return readOnly;
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
        return open(disk, segmentBytes, random, SegmentLog::truncate);
    }

    /**
     * Opens a log with another way to treat a torn tail.
     *
     * @param disk as in {@link #open(Disk, long, RandomGenerator)}
     * @param segmentBytes as there
     * @param random as there
     * @param tornTail called at most once, while the log is scanned
     * @return the log
     * @throws IOException as there
     */
    public static SegmentLog open(Disk disk, long segmentBytes, RandomGenerator random, TornTail tornTail)
            throws IOException {
        return open(disk, segmentBytes, random, tornTail, false);
    }

    /**
     * Opens a log to read what is in it now. Nothing is written, a torn tail is passed over. Somebody else may write meanwhile: what he
     * appends before the scan may be seen.
     *
     * @param disk where; closed with the log, by {@link #abandon}
     * @return the log, which refuses to be written
     * @throws IOException as {@link #open(Disk, long, RandomGenerator)}
     */
    public static SegmentLog openReadOnly(Disk disk) throws IOException {
        return open(disk, Long.MAX_VALUE, () -> 0, (file, at, size) -> at, true);
    }

    private static SegmentLog open(
            Disk disk, long segmentBytes, RandomGenerator random, TornTail tornTail, boolean readOnly)
            throws IOException {
        NavigableMap<Long, Integer> generations = SegmentName.newest(disk);
        KnownEnd mark = HighWaterMark.load(disk);
        if (generations.isEmpty() && mark != null) {
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    disk.describe(SegmentName.of(1)) + " is missing, and all other segments: " + mark.source()
                            + " tells of " + mark.segment() + mark.content());
        }
        if (!readOnly) {
            SegmentName.tidy(disk, generations);
        }
        List<Segment> segments = new ArrayList<>();
        boolean opened = false;
        try {
            for (Map.Entry<Long, Integer> newest : generations.entrySet()) {
                int i = segments.size();
                if (newest.getKey() != i + 1) {
                    throw new SyncException(
                            ErrorKind.CORRUPT,
                            disk.describe(SegmentName.of(i + 1)) + " is missing: the files after it are there");
                }
                boolean mayBeTorn = newest.getKey().equals(generations.lastKey())
                        && (mark == null || newest.getKey() > mark.segment());
                Segment segment = Segment.open(disk, i + 1, newest.getValue(), mayBeTorn, !readOnly);
                if (segment != null) {
                    segments.add(segment);
                    segment.requireSameDatabase(disk, segments.get(0), i + 1);
                }
            }
            UUID database = segments.isEmpty()
                    ? new UUID(random.nextLong(), random.nextLong())
                    : segments.get(0).header().database();
            if (segments.isEmpty() && readOnly) {
                throw new SyncException(ErrorKind.NOT_FOUND, "no database at " + disk.describe(""));
            }
            if (segments.isEmpty()) {
                segments.add(Segment.create(disk, new SegmentHeader(1, database, random.nextLong())));
            }
            SegmentLog log = new SegmentLog(
                    disk, segmentBytes, random, tornTail, database, segments.toArray(Segment[]::new), readOnly);
            if (mark != null) {
                log.expect(mark);
            }
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

    /**
     * The disk that the log is on.
     *
     * @return the disk
     */
    public Disk disk() {
        return disk;
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
     * Reads the high-water mark of a log.
     *
     * @param disk where the log is
     * @return null if there is none or it is damaged
     * @throws IOException if the disk refuses
     */
    public static @Nullable KnownEnd noted(Disk disk) throws IOException {
        return HighWaterMark.load(disk);
    }

    /**
     * Makes the next scan fail if the log doesn't reach an end.
     *
     * @param end a known end; one of another database is ignored
     */
    public void expect(KnownEnd end) {
        if (end.database().equals(database)) {
            known.add(end);
        }
    }

    /**
     * Makes the next scan fail if the log doesn't reach an end that this process has seen durable: what is damaged before it is no rest of a write.
     *
     * @param end the {@link #end} at that moment
     */
    public void requireDurable(long end) {
        durable = end;
    }

    /** The least end that is known, as a location; 0 if nothing is. */
    private long least(KnownEnd end) {
        boolean there = end.segment() <= segments.length;
        return end.least(there ? segments[(int) end.segment() - 1].identity() : end.identity());
    }

    /** Refuses a log that ends too early. Nothing was changed. */
    private void requireReached() {
        if (end() < durable) {
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    describe(end())
                            + " is damaged: what follows was durable, and has changed since; close the database, take a copy, and "
                            + "repair it, which keeps what is intact");
        }
        for (KnownEnd k : known) {
            long least = least(k);
            if (Location.of(segments.length, end) >= least) {
                continue;
            }
            Segment last = segments[segments.length - 1];
            boolean fileMissing = Location.segment(least) > segments.length;
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    fileMissing
                            ? disk.describe(SegmentName.of(segments.length + 1)) + " is missing: " + k.source()
                                    + " says that it was there" + k.content()
                            : tooShort(disk.describe(last.name()), end, Location.offset(least), k));
        }
    }

    static String tooShort(String path, long end, long expected, KnownEnd known) {
        return path + " is damaged at offset " + end + ": " + (expected - end) + " bytes from here on were durable ("
                + known.source() + " says so" + known.content()
                + "), and are lost; take a copy, or repair it, which keeps what is intact, and sync, which brings the rest";
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
     * Where the first record is.
     *
     * @return a location, for {@link #scan(long, RecordVisitor)}
     */
    public long start() {
        return Location.of(1, SegmentHeader.BYTES);
    }

    /**
     * The name of the file that holds a location, and the offset in it.
     *
     * @param location a location
     * @return for messages
     */
    public String describe(long location) {
        Segment s = file(location);
        String name = s == null ? SegmentName.of(Location.segment(location)) : s.name();
        return disk.describe(name) + " at offset " + Location.offset(location);
    }

    /**
     * Reads all records, checks every checksum, and cuts off what a crash left of the last one.
     *
     * @param visitor receives the records, oldest first
     * @throws IOException if the disk refuses
     * @throws SyncException {@link ErrorKind#CORRUPT} naming file and offset
     */
    public void scan(RecordVisitor visitor) throws IOException {
        scan(start(), visitor);
    }

    /**
     * Reads the records from somewhere on, as {@link #scan(RecordVisitor)} does. What lies before is not looked at.
     *
     * @param from the {@link #end} at some moment
     * @param visitor receives the records, oldest first
     * @throws IOException if the disk refuses
     * @throws SyncException {@link ErrorKind#CORRUPT} naming file and offset
     */
    public void scan(long from, RecordVisitor visitor) throws IOException {
        Segment[] all = segments;
        int first = (int) Location.segment(from) - 1;
        SegmentScan scan = new SegmentScan(
                disk,
                tornTail,
                visitor,
                Math.max(durable, known.stream().mapToLong(this::least).max().orElse(0)));
        for (int i = first; i < all.length; i++) {
            boolean last = i == all.length - 1;
            boolean nothingFollows =
                    last || i == all.length - 2 && all[i + 1].file().size() == SegmentHeader.BYTES;
            long start = i == first ? Location.offset(from) : SegmentHeader.BYTES;
            boolean sealed = scan.run(all[i], start, last, nothingFollows);
            end = scan.end();
            if (scan.lastRecord() >= 0) {
                lastRecord = scan.lastRecord();
                marked = scan.isMarked();
            }
            if (!last && !sealed && Location.of(i + 1, end) < scan.least()) {
                throw new SyncException(
                        ErrorKind.CORRUPT,
                        disk.describe(all[i].name()) + " is damaged at offset " + end
                                + ": it ends before the next file begins");
            }
            if (!last && !sealed && !readOnly) {
                // The process ended between creating the next segment and sealing this one.
                writer.write(all[i], end, RecordHeader.SEALED, List.of());
                all[i].file().force();
            }
        }
        requireReached();
        known.clear(); // a rollback cuts what was never durable, so this is asked once
        durable = 0;
        if (!readOnly) {
            confirm();
        }
    }

    /**
     * Writes the last record of the last process once more and forces it. A force may have failed there, and after that a system may still
     * show bytes that never reach the disk.
     */
    private void confirm() throws IOException {
        if (confirmed) {
            return;
        }
        Segment[] all = segments;
        Segment last = all[all.length - 1];
        boolean empty = end == SegmentHeader.BYTES;
        if (empty && all.length > 1) {
            Segment before = all[all.length - 2];
            long size = before.file().size();
            RecordWriter.again(before, size - RecordHeader.BYTES, size);
            before.file().force();
        }
        RecordWriter.again(last, 0, SegmentHeader.BYTES);
        if (!empty && lastRecord >= SegmentHeader.BYTES && lastRecord < end) {
            RecordWriter.again(last, lastRecord, end);
        }
        last.file().force();
        disk.sync();
        confirmed = true;
    }

    /**
     * Checks every checksum without changing anything.
     *
     * @param upTo the {@link #end} at some moment; what came later is not looked at
     * @param found receives a line for every damaged stretch
     * @param visitor receives the intact records
     * @throws IOException if the disk refuses
     */
    public void check(long upTo, Consumer<String> found, RecordVisitor visitor) throws IOException {
        try {
            HighWaterMark.read(disk);
        } catch (SyncException e) {
            found.accept(String.valueOf(e.getMessage()));
        }
        Segment[] now = segments;
        for (int i = 0; i < Location.segment(upTo); i++) {
            boolean last = i + 1 == Location.segment(upTo);
            Records.check(
                    now[i],
                    disk.describe(now[i].name()),
                    last ? Location.offset(upTo) : now[i].file().size(),
                    found,
                    visitor);
        }
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
        requireWritable();
        confirm();
        if (end >= segmentBytes) {
            roll();
        }
        Segment s = segments[segments.length - 1];
        long start = end + RecordHeader.BYTES;
        end = writer.write(s, end, RecordHeader.TRANSACTIONS, payload);
        marked = false;
        return s.location(start);
    }

    private void requireWritable() throws IOException {
        if (readOnly) {
            throw new IOException("opened to be read only");
        }
    }

    private synchronized void roll() throws IOException {
        Segment[] now = segments;
        long number = now.length + 1L;
        if (number > Location.MAX_SEGMENT) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    disk.describe("") + " has " + now.length + " segments, the most there can be");
        }
        Segment next = Segment.create(disk, new SegmentHeader(number, database, random.nextLong()));
        boolean sealed = false;
        try {
            Segment old = now[now.length - 1];
            writer.write(old, end, RecordHeader.SEALED, List.of());
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

    /**
     * What was done since the log was opened.
     *
     * @return the same each time
     */
    public WorkCounts counts() {
        return counts;
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
        DiskFile file = now[now.length - 1].file();
        file.truncate(end);
        file.force();
        marked = false;
        disk.delete(SegmentName.of(now.length + 1L));
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
        Segment s = file(location);
        if (s == null) {
            throw new ClosedChannelException(); // the segment is elsewhere by now
        }
        int n = length == 0 ? 0 : s.file().read(Location.offset(location), ByteBuffer.wrap(bytes));
        if (n < length) {
            throw new SyncException(ErrorKind.CORRUPT, describe(location) + " ends too early");
        }
        return bytes;
    }

    /** What {@link DiskFile#kept} says of a location; null, too, if its file is gone. */
    @Nullable
    ByteBuffer kept(long location, int length) {
        Segment s = file(location);
        return s == null ? null : s.file().kept(Location.offset(location), length);
    }

    /**
     * The salt and length of each file up to an end, by which {@link #continues} tells later whether the files are still the same.
     *
     * @param end {@link #end} at that moment
     * @return salt and length of every segment up to then
     * @throws IOException if the disk refuses
     */
    public long[] shape(long end) throws IOException {
        Segment[] now = segments;
        long[] shape = new long[2 * (int) Location.segment(end)];
        for (int i = 0; i < shape.length / 2; i++) {
            shape[2 * i] = now[i].identity();
            shape[2 * i + 1] = i == shape.length / 2 - 1
                    ? Location.offset(end)
                    : now[i].file().size();
        }
        return shape;
    }

    /**
     * Whether the log still has a shape, possibly with more behind it.
     *
     * @param shape as {@link #shape} gave it
     * @param end as it was given for that
     * @return false if a file was replaced, cut or lost since
     * @throws IOException if the disk refuses
     */
    public boolean continues(long[] shape, long end) throws IOException {
        Segment[] now = segments;
        int count = shape.length / 2;
        if (count == 0
                || shape.length % 2 > 0
                || count > now.length
                || end != Location.of(count, shape[2 * count - 1])) {
            return false;
        }
        for (int i = 0; i < shape.length / 2; i++) {
            boolean last = i == shape.length / 2 - 1;
            long size = now[i].file().size();
            if (now[i].identity() != shape[2 * i] || size < shape[2 * i + 1] || !last && size > shape[2 * i + 1]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Turns locations in segments that were in any file into the same in the files of today.
     *
     * @return of a location and a length; throws {@link ImageReader.DamagedException} if that is not within a segment
     * @throws IOException if the disk refuses
     */
    LongBinaryOperator places() throws IOException {
        Segment[] now = segments;
        long[] sizes = new long[now.length];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = now[i].file().size();
        }
        return (location, length) -> {
            long segment = Location.segment(location) - 1;
            long offset = Location.offset(location);
            ImageReader.require(
                    segment >= 0 && segment < sizes.length && offset + length <= sizes[(int) segment],
                    "the place of a block",
                    location);
            return now[(int) segment].location(offset);
        };
    }

    /**
     * How many segments there are; all but the last are sealed.
     *
     * @return the number of the last one
     */
    public int segments() {
        return segments.length;
    }

    /**
     * How large the files are.
     *
     * @return bytes, without files that were replaced
     * @throws IOException if the disk refuses
     */
    public long bytes() throws IOException {
        long bytes = 0;
        for (Segment s : segments) {
            bytes += s.file().size();
        }
        return bytes;
    }

    /**
     * Seals the last segment and begins another, unless it has no records.
     *
     * @throws IOException if the disk refuses; {@link #rollback} is due then
     */
    public void rollOver() throws IOException {
        confirm();
        if (end > SegmentHeader.BYTES) {
            roll();
        }
    }

    /**
     * Begins to rewrite a sealed segment.
     *
     * @param number the segment's, not the last
     * @return to be filled, put in place, and closed
     * @throws IOException if the disk refuses
     */
    public SegmentRewrite rewrite(int number) throws IOException {
        SegmentRewrite rewrite = new SegmentRewrite(this, disk, segments[number - 1], random.nextLong());
        boolean begun = false;
        try {
            rewrite.begin();
            begun = true;
            return rewrite;
        } finally {
            if (!begun) {
                rewrite.close();
            }
        }
    }

    /** Puts a segment into another file. The old one stays readable until {@link #releaseReplaced}. */
    synchronized void replace(SegmentRewrite rewrite, Segment old, Segment fresh) throws IOException {
        rewrite.rename();
        int i = (int) old.header().segment() - 1;
        @Nullable Segment[] olds = Arrays.copyOf(replaced, segments.length);
        olds[i] = old;
        replaced = olds;
        Segment[] now = segments.clone();
        now[i] = fresh;
        segments = now;
    }

    /**
     * Reads the records of one sealed segment.
     *
     * @param number the segment's
     * @param visitor receives the records
     * @throws IOException if the disk refuses
     * @throws SyncException {@link ErrorKind#CORRUPT} at the first damage
     */
    public void read(int number, RecordVisitor visitor) throws IOException {
        Segment s = segments[number - 1];
        Records.check(
                s,
                disk.describe(s.name()),
                s.file().size(),
                line -> {
                    throw new SyncException(ErrorKind.CORRUPT, line);
                },
                visitor);
    }

    /**
     * How large a segment's file is.
     *
     * @param number the segment's
     * @return bytes
     * @throws IOException if the disk refuses
     */
    public long bytes(int number) throws IOException {
        return segments[number - 1].file().size();
    }

    /**
     * The segment that a location is in.
     *
     * @param location any
     * @return its number
     */
    public static int segmentOf(long location) {
        return (int) Location.segment(location);
    }

    /**
     * Whether replaced files are still kept: no segment may be rewritten then.
     *
     * @return true until {@link #releaseReplaced}
     */
    public boolean keepsReplaced() {
        return replaced.length > 0;
    }

    /**
     * Removes the replaced files, once their replacements are durable. A reader of one finds it closed and reads the block from its new
     * place.
     *
     * @throws IOException if the disk refuses; what stays is removed when the log is opened again
     */
    public void releaseReplaced() throws IOException {
        @Nullable Segment[] old;
        synchronized (this) { // no longer: who writes may wait for it
            old = replaced;
            replaced = new @Nullable Segment[0];
        }
        if (old.length == 0) {
            return;
        }
        for (Segment s : old) {
            if (s != null) {
                s.file().close();
            }
        }
        disk.sync();
        for (Segment s : old) {
            if (s != null) {
                disk.delete(s.name());
            }
        }
    }

    /**
     * A file beside the segments.
     *
     * @param name its name
     * @return the file, which may not exist
     */
    public SideFile side(String name) {
        return new SideFile(disk, name);
    }

    /**
     * Writes the high-water mark, so that a later opening can tell a loss from the rest of a broken write.
     *
     * @param upTo the {@link #end} of what is durable
     * @param events how many complete events there are
     * @throws IOException if the disk refuses; the former mark is there then
     */
    public void noteDurable(long upTo, long events) throws IOException {
        Segment s = segments[(int) Location.segment(upTo) - 1];
        HighWaterMark.save(
                disk,
                new KnownEnd(
                        database,
                        s.header().segment(),
                        Location.offset(upTo),
                        s.identity(),
                        events,
                        HighWaterMark.FILE));
    }

    /**
     * Writes the mark of an orderly end, if anything was written since the last one, notes how far the log is durable, and closes all files.
     *
     * @param events how many complete events there are
     * @throws IOException if the disk refuses; all files are closed then, too
     */
    public void close(long events) throws IOException {
        try (disk) {
            endInOrder();
            Segment last = segments[segments.length - 1];
            if (!HighWaterMark.notes(disk, end, last.identity())) {
                noteDurable(end(), events);
            }
        } finally {
            release();
        }
    }

    private void endInOrder() throws IOException {
        if (!marked) {
            end = writer.write(segments[segments.length - 1], end, RecordHeader.CLOSED, List.of());
            marked = true;
            force();
        }
    }

    /** Writes the mark of an orderly end, if anything was written since the last one, and closes all files. */
    @Override
    public void close() throws IOException {
        try (disk) {
            endInOrder();
        } finally {
            release();
        }
    }

    /**
     * Closes all files without another write, after a failure or after reading.
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
        for (Segment s : replaced) {
            if (s != null) {
                s.file().close();
            }
        }
        replaced = new @Nullable Segment[0];
    }

    /** The file that a location is in; null if it is gone. */
    private @Nullable Segment file(long location) {
        int i = (int) Location.segment(location) - 1;
        int parity = Location.parity(location);
        Segment[] now = segments;
        if (i < now.length && (now[i].generation() & 1) == parity) {
            return now[i];
        }
        @Nullable Segment[] old = replaced;
        Segment s = i < old.length ? old[i] : null;
        return s != null && (s.generation() & 1) == parity ? s : null;
    }
}
