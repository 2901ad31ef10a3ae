package dev.livesync.database.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds the records in a segment's file, be it damaged. */
final class Records {
    private static final int WINDOW = 1 << 16;

    private Records() {}

    /** Checks every checksum without changing anything: tells of every damaged stretch, and shows the intact records. */
    static void check(Segment s, String path, long size, Consumer<String> found, RecordVisitor visitor)
            throws IOException {
        PayloadReader reader = new PayloadReader(s.file(), size, path, s.location(0));
        long at = SegmentHeader.BYTES;
        while (at < size) {
            RecordHeader record = headerAt(reader, s, at, size);
            long next = record == null ? next(s, at + 1, size) : at + RecordHeader.BYTES + record.length();
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

    /** Reads the header at an offset; null if no record begins there that ends within the file. */
    static @Nullable RecordHeader headerAt(PayloadReader reader, Segment s, long at, long size) throws IOException {
        reader.range(at, size);
        ByteBuffer window = reader.peek((int) Math.min(RecordHeader.BYTES, size - at));
        RecordHeader record = RecordHeader.decode(window, window.position(), s.header(), at);
        return record != null && record.length() <= size - at - RecordHeader.BYTES ? record : null;
    }

    /** The offset of the next intact record header, or -1. */
    static long next(Segment s, long from, long size) throws IOException {
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
}
