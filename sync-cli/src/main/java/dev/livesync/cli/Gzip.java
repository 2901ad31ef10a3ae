package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Unpacks gzip, of as many members as there are; damage is a {@link SyncException}. One thread. */
final class Gzip extends FilterInputStream {
    private Gzip(InputStream in) {
        super(in);
    }

    static boolean startsWith(byte[] start) {
        return start.length > 1 && start[0] == 0x1f && start[1] == (byte) 0x8b;
    }

    static InputStream unpack(InputStream packed) throws IOException {
        try {
            return new Gzip(new GZIPInputStream(new Patient(packed), 1 << 16));
        } catch (IOException e) {
            throw translated(e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        try {
            return super.read(target, offset, length);
        } catch (IOException e) {
            throw translated(e);
        }
    }

    private static IOException translated(IOException e) {
        if (e instanceof EOFException) {
            throw new SyncException(ErrorKind.MALFORMED, "its gzip data is cut off", e);
        }
        if (e instanceof ZipException) {
            throw new SyncException(ErrorKind.MALFORMED, "its gzip data is damaged", e);
        }
        return e;
    }

    /**
     * A stream that waits for bytes. The JDK takes a stream without available bytes for ended, and would leave out a member that comes late
     * through a pipe.
     */
    private static final class Patient extends BufferedInputStream {
        Patient(InputStream in) {
            super(in, 1 << 16);
        }

        @Override
        public synchronized int available() throws IOException {
            mark(1);
            int next = read();
            reset();
            return next < 0 ? 0 : 1;
        }
    }
}
