package dev.livesync.cli;

import java.io.IOException;
import java.io.Reader;
import java.util.Objects;

/**
 * Replaces JSON's escapes of lone surrogates by those surrogates. JavaScript reads such escapes everywhere, and so does the database; the parser
 * refuses them in names. Reads no further ahead than it has to. One thread.
 */
final class LoneEscapes extends Reader {
    private static final int ESCAPE = 6;

    private final Reader in;
    private final char[] buffer = new char[8 << 10];
    private int at;
    private int end;
    private boolean ended;
    /** How many characters may be passed on without another check. */
    private int known;

    LoneEscapes(Reader in) {
        this.in = in;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        int n = 0;
        while (n < length) {
            if (known == 0) {
                if (n > 0 && !isDecided()) {
                    return n; // reading more may wait, or fail
                }
                look();
                if (known == 0) {
                    break;
                }
            }
            int some = Math.min(Math.min(known, end - at), length - n);
            System.arraycopy(buffer, at, target, offset + n, some);
            n += some;
            at += some;
            known -= some;
        }
        return n == 0 && length > 0 ? -1 : n;
    }

    /** Computes how many characters may be passed on; 0 at the end. */
    private void look() throws IOException {
        while (!isDecided() && !ended) {
            fill();
        }
        int run = at;
        while (run < end && buffer[run] != '\\') {
            run++;
        }
        if (run > at || at == end) {
            known = run - at;
            return;
        }
        char unit = unit(at);
        if (Character.isHighSurrogate(unit) && Character.isLowSurrogate(unit(at + ESCAPE))) {
            known = 2 * ESCAPE;
        } else if (Character.isSurrogate(unit)) {
            at += ESCAPE - 1;
            buffer[at] = unit;
            known = 1;
        } else {
            known = Math.min(2, end - at);
        }
    }

    /** Whether enough was read to decide about the next character. */
    private boolean isDecided() {
        if (at == end) {
            return false;
        }
        return buffer[at] != '\\' || isDecided(at) && (!Character.isHighSurrogate(unit(at)) || isDecided(at + ESCAPE));
    }

    /** Whether enough was read to decide if there is an escape of a code unit at a position. */
    private boolean isDecided(int from) {
        if (from < end && buffer[from] != '\\' || from + 1 < end && buffer[from + 1] != 'u') {
            return true;
        }
        return from + ESCAPE <= end;
    }

    private void fill() throws IOException {
        System.arraycopy(buffer, at, buffer, 0, end - at);
        end -= at;
        at = 0;
        int n = in.read(buffer, end, buffer.length - end);
        ended = n < 0;
        end += Math.max(0, n);
    }

    /** The code unit that an escape at a position stands for; 0 if there is none. */
    private char unit(int from) {
        if (from + ESCAPE > end || buffer[from] != '\\' || buffer[from + 1] != 'u') {
            return 0;
        }
        int unit = 0;
        for (int i = from + 2; i < from + ESCAPE; i++) {
            int digit = buffer[i] < 128 ? Character.digit(buffer[i], 16) : -1;
            if (digit < 0) {
                return 0;
            }
            unit = unit << 4 | digit;
        }
        return (char) unit;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
