package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads an offer or an answer: one line, which may end with the stream. */
final class SignalLine {
    /** More than the core takes, so that its message is the one that is shown. */
    private static final int MAX_BYTES = 1 << 20;

    private SignalLine() {}

    /**
     * Reads up to the end of the first line that is not empty, and nothing beyond it.
     *
     * @param what it is, for messages
     */
    static String read(InputStream in, String what) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int b = in.read();
            if (b < 0 || b == '\n') {
                String text = line.toString(StandardCharsets.UTF_8).trim();
                if (!text.isEmpty()) {
                    return text;
                }
                if (b < 0) {
                    throw new SyncException(
                            ErrorKind.INVALID_ARGUMENT, "standard input ended before " + what + " came");
                }
                line.reset();
            } else if (line.size() == MAX_BYTES) {
                throw new SyncException(ErrorKind.LIMIT_EXCEEDED, "the line on standard input is too long for " + what);
            } else {
                line.write(b);
            }
        }
    }
}
