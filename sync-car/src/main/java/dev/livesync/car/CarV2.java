package dev.livesync.car;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * The frame of a CAR of version 2: a header, and within it a CAR of version 1 and perhaps an index, which is of no use to who reads all of it.
 *
 * @see <a href="https://ipld.io/specs/transport/car/carv2/">CARv2 specification</a>
 */
public final class CarV2 {
    /** How many bytes tell whether a CAR is one of version 2. */
    public static final int PRAGMA_BYTES = 11;

    /** A length and canonical dag-cbor <code>{version:2}</code>. */
    private static final byte[] PRAGMA = {0x0a, (byte) 0xa1, 0x67, 'v', 'e', 'r', 's', 'i', 'o', 'n', 2};

    private static final int HEADER_BYTES = 40;
    private static final int FIRST = PRAGMA_BYTES + HEADER_BYTES;

    private CarV2() {}

    /**
     * Whether this is how a CAR of version 2 starts.
     *
     * @param start at least the first {@link #PRAGMA_BYTES} bytes, if there are so many; read and not kept
     * @return whether it is
     */
    public static boolean startsWith(byte[] start) {
        return start.length >= PRAGMA_BYTES && Arrays.equals(start, 0, PRAGMA_BYTES, PRAGMA, 0, PRAGMA_BYTES);
    }

    /**
     * Reads the frame up to the CAR of version 1 inside.
     *
     * @param in a CAR of version 2 from its first byte; the caller closes it, after the result
     * @return exactly the inner CAR, for a {@link CarReader}. Its {@code read} throws {@link SyncException}, {@link ErrorKind#MALFORMED}, where the
     *     file ends before the inner CAR does
     * @throws SyncException {@link ErrorKind#MALFORMED} if this is no such frame
     * @throws IOException as the stream throws it
     */
    public static InputStream inner(InputStream in) throws IOException {
        byte[] frame = in.readNBytes(FIRST);
        if (!startsWith(frame)) {
            throw malformed("it does not start as one");
        }
        if (frame.length < FIRST) {
            throw malformed("it ends within its header");
        }
        ByteBuffer header = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        long offset = header.getLong(PRAGMA_BYTES + 16);
        long size = header.getLong(PRAGMA_BYTES + 24);
        if (offset < FIRST || size <= 0 || offset > Long.MAX_VALUE - size) {
            throw malformed("its header places the data at " + Long.toUnsignedString(offset) + ", "
                    + Long.toUnsignedString(size) + " bytes long");
        }
        long skipped = FIRST;
        while (skipped < offset) {
            long n = in.skip(offset - skipped);
            if (n <= 0 && in.read() < 0) {
                throw malformed("it ends at offset " + skipped + ", before its data at " + offset);
            }
            skipped += Math.max(1, n);
        }
        return new Inner(in, offset, size);
    }

    private static SyncException malformed(String what) {
        return new SyncException(ErrorKind.MALFORMED, "CAR version 2: " + what);
    }

    private static final class Inner extends InputStream {
        private final InputStream in;
        private final long end;
        private long at;

        Inner(InputStream in, long offset, long size) {
            this.in = in;
            this.at = offset;
            this.end = offset + size;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0) {
                return 0;
            }
            if (at == end) {
                return -1;
            }
            int n = in.read(target, offset, (int) Math.min(length, end - at));
            if (n < 0) {
                throw malformed("it ends at offset " + at + ", inside its data that ends at " + end);
            }
            at += n;
            return n;
        }
    }
}
