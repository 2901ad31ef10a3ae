package dev.livesync.database.log;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Reads one record's payload from a file, through a window of fixed size. Records that fit the window are read from the
 * disk once, for the checksum and for their content.
 */
public final class PayloadReader {
    private static final int WINDOW = 1 << 18;

    private final DiskFile file;
    private final String name;
    private final long segmentBits;
    private final ByteBuffer window;
    /** File offset of the window's first byte. */
    private long base;

    private long end;

    /** Creates a reader of a file, given the location of its first byte. */
    PayloadReader(DiskFile file, long size, String name, long start) {
        this.file = file;
        this.name = name;
        this.segmentBits = start;
        this.window = ByteBuffer.allocate((int) Math.min(WINDOW, size)).limit(0);
    }

    /** Moves to a range of the file. */
    void range(long from, long to) {
        end = to;
        if (from >= base && from <= base + window.limit()) {
            window.position((int) (from - base));
        } else {
            base = from;
            window.position(0).limit(0);
        }
    }

    /** The checksum of everything from here to the end of the range. */
    int checksum() throws IOException {
        CRC32C crc = new CRC32C();
        while (remaining() > 0) {
            fill(1);
            int length = (int) Math.min(window.remaining(), remaining());
            crc.update(window.duplicate().limit(window.position() + length));
            window.position(window.position() + length);
        }
        return (int) crc.getValue();
    }

    /** The bytes at the position, at least as many as said if the file has them. */
    ByteBuffer peek(int bytes) throws IOException {
        if (window.remaining() < bytes) {
            load();
        }
        return window;
    }

    /**
     * What is left of the range.
     *
     * @return bytes
     */
    public long remaining() {
        return end - offset();
    }

    /** The position in the file. */
    long offset() {
        return base + window.position();
    }

    /**
     * The location of the next byte in the log.
     *
     * @return a {@link Location}
     */
    public long location() {
        return segmentBits | offset();
    }

    /**
     * Reads an unsigned byte.
     *
     * @return 0 to 255
     * @throws IOException if the disk refuses
     */
    public int readByte() throws IOException {
        need(1);
        return window.get() & 0xff;
    }

    /**
     * Reads eight bytes.
     *
     * @return the number they are, big-endian
     * @throws IOException if the disk refuses
     */
    public long readLong() throws IOException {
        need(8);
        return window.getLong();
    }

    /**
     * Reads an unsigned number as {@link PayloadWriter#varint} writes it.
     *
     * @return 0 or more
     * @throws IOException if the disk refuses
     */
    public long readVarint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int b = readByte();
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                return value;
            }
        }
        throw damaged("a number of more than 63 bits");
    }

    /**
     * Reads the number of elements that follow, so that memory can be allocated for them.
     *
     * @param each the least bytes that one of them takes
     * @return 0 or more, as many as fit
     * @throws IOException if the disk refuses
     */
    public int readCount(int each) throws IOException {
        long count = readVarint();
        if (count > remaining() / each) {
            throw damaged("a count of " + count + " with " + remaining() + " bytes left");
        }
        return (int) count;
    }

    /**
     * Reads a CID as {@link PayloadWriter#cid} writes it.
     *
     * @return the CID
     * @throws IOException if the disk refuses
     */
    public Cid readCid() throws IOException {
        int codec = readByte();
        need(32);
        if (codec > 0x7f) {
            throw damaged("a CID of codec " + codec);
        }
        return Cid.ofDigest(codec, window.getLong(), window.getLong(), window.getLong(), window.getLong());
    }

    /**
     * Reads a string as {@link PayloadWriter#string} writes it.
     *
     * @return the string
     * @throws IOException if the disk refuses
     */
    public String readString() throws IOException {
        return new String(readBytes(readCount(1)), StandardCharsets.UTF_8);
    }

    /**
     * Reads bytes.
     *
     * @param length how many
     * @return a new array
     * @throws IOException if the disk refuses
     */
    public byte[] readBytes(int length) throws IOException {
        if (length > remaining()) {
            throw damaged(length + " bytes expected, " + remaining() + " left");
        }
        byte[] bytes = new byte[length];
        int fromWindow = Math.min(length, window.remaining());
        window.get(bytes, 0, fromWindow);
        if (fromWindow < length) {
            long at = offset();
            if (file.read(at, ByteBuffer.wrap(bytes, fromWindow, length - fromWindow)) < length - fromWindow) {
                throw damaged("the file ends too early");
            }
            seek(at + length - fromWindow);
        }
        return bytes;
    }

    /**
     * Passes over bytes.
     *
     * @param length how many
     */
    public void skip(long length) {
        if (length > remaining()) {
            throw damaged(length + " bytes expected, " + remaining() + " left");
        }
        seek(offset() + length);
    }

    /**
     * Creates the failure for a record whose checksum is right and whose content makes no sense.
     *
     * @param what is wrong
     * @return the failure, naming file and offset
     */
    public SyncException damaged(String what) {
        return new SyncException(ErrorKind.CORRUPT, name + " is damaged at offset " + offset() + ": " + what);
    }

    private void seek(long offset) {
        if (offset <= base + window.limit()) {
            window.position((int) (offset - base));
        } else {
            base = offset;
            window.position(0).limit(0);
        }
    }

    private void need(int bytes) throws IOException {
        if (bytes > remaining()) {
            throw damaged(bytes + " bytes expected, " + remaining() + " left");
        }
        fill(bytes);
    }

    private void fill(int bytes) throws IOException {
        if (window.remaining() < bytes) {
            load();
            if (window.remaining() < bytes) {
                throw damaged("the file ends too early");
            }
        }
    }

    private void load() throws IOException {
        base = offset();
        window.compact();
        while (window.hasRemaining() && file.read(base + window.position(), window) > 0) {}
        window.flip();
    }
}
