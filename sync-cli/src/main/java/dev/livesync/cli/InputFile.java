package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code import} reads: a file or standard input, of which it finds out what it holds. One thread. */
final class InputFile implements AutoCloseable {
    /** The formats that {@code import} takes. */
    enum Format {
        JSON_LINES,
        JSON_ARRAY,
        CAR
    }

    private static final int PEEK = 1 << 16;

    private final String name;
    private final long size;
    private final Counting in;
    private final BufferedInputStream buffered;

    private InputFile(String name, long size, InputStream in) {
        this.name = name;
        this.size = size;
        this.in = new Counting(in);
        this.buffered = new BufferedInputStream(this.in, PEEK);
    }

    /** Opens a file, or {@code standardInput} for the name {@code -}. */
    static InputFile open(String name, InputStream standardInput) throws IOException {
        if (name.equals("-")) {
            return new InputFile("standard input", -1, standardInput);
        }
        Path file = Path.of(name);
        if (Files.isDirectory(file)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "not a file but a directory: " + name);
        }
        InputStream stream = Files.newInputStream(file);
        return new InputFile(name, Files.isRegularFile(file) ? Files.size(file) : -1, stream);
    }

    /** What it is called in messages. */
    String name() {
        return name;
    }

    /** Bytes in all; negative if that is not known. */
    long size() {
        return size;
    }

    /** Bytes read so far. */
    long position() {
        return in.count;
    }

    InputStream stream() {
        return buffered;
    }

    /**
     * Finds the format by the first bytes, after which {@link #stream} stands at the first byte that matters.
     *
     * <p>A CAR starts with the length of its header, then 0xa2, a map of two, which can begin no JSON text; where the length
     * needs two bytes, its first is no ASCII.
     */
    Format format() throws IOException {
        buffered.mark(PEEK);
        int first = buffered.read();
        int second = buffered.read();
        if (first == 0xef && second == 0xbb) {
            buffered.read(); // the third byte of a byte order mark
            return text();
        }
        buffered.reset();
        return first >= 0x80 || second == 0xa2 ? Format.CAR : text();
    }

    private Format text() throws IOException {
        buffered.mark(PEEK);
        int read = 0;
        int c;
        do {
            c = buffered.read();
            read++;
        } while (read < PEEK && (c == ' ' || c == '\t' || c == '\r' || c == '\n'));
        buffered.reset();
        return c == '[' ? Format.JSON_ARRAY : Format.JSON_LINES;
    }

    @Override
    public void close() throws IOException {
        buffered.close();
    }

    private static final class Counting extends FilterInputStream {
        private long count;

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count += b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int n = super.read(target, offset, length);
            count += Math.max(0, n);
            return n;
        }
    }
}
