package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Splits a stream at line feeds and never holds more than one line, nor a line longer than the limit. One thread. */
final class Lines {
    private final InputStream in;
    private final int limit;
    private final byte[] chunk = new byte[1 << 16];
    private int at;
    private int end;
    private long number;

    Lines(InputStream in, int limit) {
        this.in = in;
        this.limit = limit;
    }

    /** The number of the line that was returned last, from 1. */
    long number() {
        return number;
    }

    /**
     * The next line.
     *
     * @return its bytes without the line feed; null at the end
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} if it is too long
     */
    byte @Nullable [] next() throws IOException {
        if (at == end && !fill()) {
            return null;
        }
        number++;
        ByteArrayOutputStream parts = null;
        while (true) {
            int feed = at;
            while (feed < end && chunk[feed] != '\n') {
                feed++;
            }
            if ((parts == null ? 0L : parts.size()) + feed - at > limit) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        "line " + number + " is longer than " + limit + " bytes (a record is one line)");
            }
            int from = at;
            boolean whole = feed < end;
            at = whole ? feed + 1 : feed;
            if (whole && parts == null) {
                return Arrays.copyOfRange(chunk, from, feed);
            }
            parts = parts == null ? new ByteArrayOutputStream(2 * chunk.length) : parts;
            parts.write(chunk, from, feed - from);
            if (whole || !fill()) {
                return parts.toByteArray();
            }
        }
    }

    private boolean fill() throws IOException {
        at = 0;
        end = Math.max(0, in.read(chunk));
        return end > 0;
    }
}
