package dev.livesync.database.pieces;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.DiskFile;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/**
 * One file of pieces, {@code pieces-N.pack}: a header with a salt, then records, each with a head (codec, digest, length, checksum of these) and the
 * block's bytes. A file that is done with ends with a list of its records and a checksum of that, so that opening need not go through it. One without
 * (the process was killed) is gone through, and each block hashed: what was not forced may be anything.
 *
 * <p>The salt is in the checksums, so that no content can pass for a head or for a list. One thread writes; any may read what was written.
 */
final class PieceFile implements Closeable {
    static final int HEADER_BYTES = 16;
    static final int HEAD_BYTES = 41;

    private static final int ENTRY_BYTES = 37;
    private static final int LIST_END_BYTES = 16;
    private static final long MAGIC = 0x4c53504945434531L; // LSPIECE1
    private static final long LIST_MAGIC = 0x4c534c4953543031L; // LSLIST01
    private static final int MOST_RECORDS = 1 << 14;

    private final String name;
    private final int number;
    private final DiskFile file;
    private final long salt;
    /** The entries of the list, as far as this process has written the file; it writes only files that it has made. */
    private byte[] entries = new byte[0];

    private int records;
    private long end = HEADER_BYTES;
    private long forced;
    private boolean sealed;
    /** Whether there is something behind the records that is no list of them: a write that a crash cut off. */
    private boolean remains;

    /** Whether it had no list when it was opened: it may have a part of a content. */
    private boolean scanned;

    /** Learns what is in a file. */
    @FunctionalInterface
    interface Visitor {
        void record(Cid cid, long offset, int length);
    }

    private PieceFile(String name, int number, DiskFile file, long salt) {
        this.name = name;
        this.number = number;
        this.file = file;
        this.salt = salt;
    }

    static String name(int number) {
        return "pieces-" + number + ".pack";
    }

    /** The number in a file's name, or 0 if it is no such name. */
    static int number(String name) {
        if (!name.startsWith("pieces-") || !name.endsWith(".pack") || name.length() > 19) {
            return 0;
        }
        String digits = name.substring(7, name.length() - 5);
        boolean valid = !digits.isEmpty()
                && digits.length() <= 7
                && digits.charAt(0) != '0'
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return valid ? Integer.parseInt(digits) : 0;
    }

    /** Makes a file, whose name is durable then. */
    static PieceFile create(Disk disk, int number, RandomGenerator random) throws IOException {
        DiskFile file = disk.create(name(number));
        boolean done = false;
        try {
            long salt = random.nextLong();
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            header.putLong(MAGIC).putLong(salt).flip();
            file.write(0, header);
            disk.sync();
            done = true;
            return new PieceFile(name(number), number, file, salt);
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    /** Opens a file of an earlier process, to be read only. */
    static PieceFile open(Disk disk, int number, Visitor visitor) throws IOException {
        DiskFile file = disk.open(name(number));
        boolean done = false;
        try {
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            boolean whole = file.size() >= HEADER_BYTES && readFully(file, 0, header) && header.getLong(0) == MAGIC;
            PieceFile opened = new PieceFile(name(number), number, file, whole ? header.getLong(8) : 0);
            opened.sealed = true;
            if (whole && !opened.readList(visitor)) {
                opened.scanned = true;
                opened.scan(visitor);
                opened.remains = opened.end < file.size();
            }
            opened.forced = opened.end;
            done = true;
            return opened;
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    int number() {
        return number;
    }

    String name() {
        return name;
    }

    /** Behind the last record. */
    long end() {
        return end;
    }

    /** Up to where it is durable. */
    long forced() {
        return forced;
    }

    /** Whether the file has bytes that are neither a record nor a list: perhaps the beginning of a block that was never acknowledged. */
    boolean hasRemains() {
        return remains;
    }

    /** Whether it was not ended in order. */
    boolean wasScanned() {
        return scanned;
    }

    boolean isFull(long most) {
        return end >= most || records >= MOST_RECORDS;
    }

    /** How long the file is. */
    long size() throws IOException {
        return file.size();
    }

    /** Appends a block; of a write that failed the next one writes over what it reaches, and the rest goes when the file is {@linkplain #seal sealed}. */
    long append(Block block) throws IOException {
        int length = block.size();
        ByteBuffer record = ByteBuffer.allocate(HEAD_BYTES + length);
        head(block.cid(), length, record);
        record.put(block.bytes()).flip();
        long at = end;
        boolean before = remains;
        remains = true; // unless all of it is written
        file.write(at, record);
        remains = before;
        remember(block.cid(), length);
        end = at + HEAD_BYTES + length;
        return at;
    }

    private void remember(Cid cid, int length) {
        int at = records * ENTRY_BYTES;
        if (at + ENTRY_BYTES > entries.length) {
            entries = Arrays.copyOf(entries, Math.max(64 * ENTRY_BYTES, entries.length * 2));
        }
        entry(cid, length, ByteBuffer.wrap(entries, at, ENTRY_BYTES));
        records++;
    }

    private static void entry(Cid cid, int length, ByteBuffer target) {
        target.put((byte) cid.codec());
        for (int i = 0; i < 4; i++) {
            target.putLong(cid.digestLong(i));
        }
        target.putInt(length);
    }

    private void head(Cid cid, int length, ByteBuffer target) {
        byte[] entry = new byte[ENTRY_BYTES];
        entry(cid, length, ByteBuffer.wrap(entry));
        target.put(entry).putInt(checksum(entry, 0, ENTRY_BYTES));
    }

    private int checksum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, salt));
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    void force() throws IOException {
        if (forced < end) {
            long upTo = end;
            file.force();
            forced = upTo;
        }
    }

    /** Ends the file with the list of its records. */
    void seal() throws IOException {
        if (sealed) {
            return;
        }
        force(); // a list must never be there without what it lists
        ByteBuffer list = ByteBuffer.allocate(records * ENTRY_BYTES + LIST_END_BYTES);
        list.put(entries, 0, records * ENTRY_BYTES).putInt(records);
        list.putInt(checksum(list.array(), 0, list.position()))
                .putLong(LIST_MAGIC)
                .flip();
        file.truncate(end);
        file.write(end, list);
        file.force();
        remains = false;
        sealed = true;
        entries = new byte[0];
    }

    /** Reads the list at the end; false if there is none that fits, and nobody was told of anything. */
    private boolean readList(Visitor visitor) throws IOException {
        long size = file.size();
        ByteBuffer last = ByteBuffer.allocate(LIST_END_BYTES);
        if (size < HEADER_BYTES + LIST_END_BYTES
                || !readFully(file, size - LIST_END_BYTES, last)
                || last.getLong(8) != LIST_MAGIC) {
            return false;
        }
        int stated = last.getInt(0);
        if (stated < 0 || stated > MOST_RECORDS) {
            return false;
        }
        long start = size - LIST_END_BYTES - (long) stated * ENTRY_BYTES;
        ByteBuffer list = ByteBuffer.allocate(stated * ENTRY_BYTES + 4);
        if (start < HEADER_BYTES
                || !readFully(file, start, list)
                || checksum(list.array(), 0, list.capacity()) != last.getInt(4)) {
            return false;
        }
        long at = HEADER_BYTES;
        for (int i = 0; i < stated; i++) {
            at += HEAD_BYTES + list.getInt(i * ENTRY_BYTES + 33);
        }
        if (at != start) {
            return false;
        }
        for (int i = 0; i < stated; i++) {
            int length = list.getInt(i * ENTRY_BYTES + 33);
            visitor.record(cid(list, i * ENTRY_BYTES), end, length);
            end += HEAD_BYTES + length;
        }
        return true;
    }

    /** Goes through the records, as far as they are whole. */
    private void scan(Visitor visitor) throws IOException {
        long size = file.size();
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
        while (size - end >= HEAD_BYTES && readFully(file, end, head)) {
            int length = head.getInt(33);
            if (head.getInt(ENTRY_BYTES) != checksum(head.array(), 0, ENTRY_BYTES)
                    || length < 0
                    || length > GearChunker.MOST
                    || length > size - end - HEAD_BYTES) {
                return;
            }
            Cid cid = cid(head, 0);
            byte[] bytes = read(end, length);
            if (Cid.hash(cid.codec(), bytes).equals(cid)) {
                visitor.record(cid, end, length);
            }
            end += HEAD_BYTES + length;
        }
    }

    private static Cid cid(ByteBuffer entry, int at) {
        return Cid.ofDigest(
                entry.get(at) & 0x7f,
                entry.getLong(at + 1),
                entry.getLong(at + 9),
                entry.getLong(at + 17),
                entry.getLong(at + 25));
    }

    /** The bytes of the block whose record begins at an offset. */
    byte[] read(long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        if (!readFully(file, offset + HEAD_BYTES, bytes)) {
            throw new EOFException(name + " ends within the block at " + offset);
        }
        return bytes.array();
    }

    private static boolean readFully(DiskFile file, long from, ByteBuffer target) throws IOException {
        target.clear();
        while (target.hasRemaining()) {
            if (file.read(from + target.position(), target) < 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
