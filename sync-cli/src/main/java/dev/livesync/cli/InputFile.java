package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.CarV2;
import dev.livesync.cli.control.FileAccess;
import dev.livesync.cli.control.LocalFiles;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Path;

/** The input of {@code import}: a file or standard input, whose format is detected. One thread. */
final class InputFile implements AutoCloseable {
    /** The formats that {@code import} takes, each of them packed by gzip or not. */
    enum Format {
        /** Documents in any of the arrangements of {@link JsonRecords}, in any {@link Encoding}. */
        JSON,
        /** A CAR of version 1. */
        CAR,
        /** A CAR of version 2. */
        CAR_V2
    }

    private static final int PEEK = 64;

    private final String name;
    private final long size;
    private final Counting in;
    private BufferedInputStream buffered;
    private TextReader text;

    private InputFile(String name, long size, InputStream in) {
        this.name = name;
        this.size = size;
        this.in = new Counting(in);
        this.buffered = new BufferedInputStream(this.in, 1 << 16);
        this.text = new TextReader(buffered, Encoding.UTF_8);
    }

    /** Opens a file, or {@code standardInput} for the name {@code -}. */
    static InputFile open(String name, InputStream standardInput) throws IOException {
        return open(name, standardInput, new LocalFiles());
    }

    /** Opens a file of the console's, or its standard input for the name {@code -}. */
    static InputFile open(String name, Console console) throws IOException {
        return open(name, console.in(), console.files());
    }

    private static InputFile open(String name, InputStream standardInput, FileAccess files) throws IOException {
        if (isStandardInput(name)) {
            return new InputFile("standard input", -1, standardInput);
        }
        FileAccess.SourceFile file = files.open(Path.of(name));
        return new InputFile(name, file.size(), file.stream());
    }

    static boolean isStandardInput(String name) {
        return name.equals("-");
    }

    /** Its name in messages. */
    String name() {
        return name;
    }

    /** Bytes in all; negative if that is not known. */
    long size() {
        return size;
    }

    /** Bytes read so far, as they are in the file. */
    long position() {
        return in.count;
    }

    /** The unpacked content: a CAR from its first byte. */
    InputStream stream() {
        return buffered;
    }

    /** The text, without a byte order mark. */
    Reader text() {
        return text;
    }

    /**
     * Detects the format by the first bytes. Then {@link #stream} or {@link #text} can be read.
     *
     * <p>A CAR starts with the length of its header, then a small map of CBOR, which can begin no JSON text in any encoding.
     *
     * @throws SyncException {@link ErrorKind#UNSUPPORTED} naming what it is, if it is nothing that {@code import} takes
     */
    Format format() throws IOException {
        try {
            byte[] start = peek();
            if (Gzip.startsWith(start)) {
                buffered = new BufferedInputStream(Gzip.unpack(buffered), 1 << 16);
                start = peek();
                if (Gzip.startsWith(start)) {
                    throw unsupported("gzip within gzip: unpack it once (gzip -dc)");
                }
            }
            return format(start);
        } catch (SyncException e) {
            throw new SyncException(e.kind(), name + ": " + e.getMessage(), e);
        }
    }

    private Format format(byte[] start) throws IOException {
        if (CarV2.startsWith(start)) {
            return Format.CAR_V2;
        }
        if (isCar(start)) {
            return Format.CAR;
        }
        OtherFormat other = OtherFormat.of(start);
        if (other != null) {
            throw unsupported(other.what());
        }
        Encoding encoding = Encoding.of(start);
        buffered.skipNBytes(encoding.markBytes(start));
        text = new TextReader(buffered, encoding);
        int first = text.first();
        if (first >= 0 && first != '{' && first != '[') {
            throw unsupported("neither JSON nor a CAR: its first character is neither { nor [");
        }
        return Format.JSON;
    }

    private static boolean isCar(byte[] start) {
        int at = 0;
        while (at < start.length && at < 9 && start[at] < 0) {
            at++;
        }
        return at + 1 < start.length
                && (start[at + 1] & 0xfc) == 0xa0
                && Encoding.of(start).markBytes(start) == 0;
    }

    private byte[] peek() throws IOException {
        buffered.mark(PEEK);
        byte[] start = buffered.readNBytes(PEEK);
        buffered.reset();
        return start;
    }

    private static SyncException unsupported(String what) {
        return new SyncException(
                ErrorKind.UNSUPPORTED, what + " (import takes JSON, as text or packed by gzip, and CARs)");
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
