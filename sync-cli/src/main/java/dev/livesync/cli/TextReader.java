package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a text strictly. What comes before a bad byte is read first; then the failure says on which line and in which column of the text that
 * byte is. Half a character of UTF-16 without its other half is no bad byte: JSON's escapes have those, too. One thread.
 */
final class TextReader extends Reader {
    private static final int CHARS = 8 << 10;

    private final InputStream in;
    private final Encoding encoding;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).flip();
    private final CharBuffer chars = CharBuffer.allocate(CHARS).flip();
    private boolean ended;
    private @Nullable SyncException failure;
    private long line = 1;
    private long column = 1;
    private boolean returned;

    TextReader(InputStream in, Encoding encoding) {
        this.in = in;
        this.encoding = encoding;
        this.decoder = encoding.charset()
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    /**
     * The first character that is no white space, without reading it.
     *
     * @return 0 if the text starts with bytes that can't be decoded; -1 if there is none near the start, or none at all
     */
    int first() throws IOException {
        if (!chars.hasRemaining() && !fill()) {
            return failure == null ? -1 : 0;
        }
        for (int i = chars.position(); i < chars.limit(); i++) {
            char c = chars.get(i);
            if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
                return c;
            }
        }
        return -1;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!chars.hasRemaining() && !fill()) {
            if (failure != null) {
                throw failure;
            }
            return -1;
        }
        int n = Math.min(length, chars.remaining());
        chars.get(target, offset, n);
        return n;
    }

    /** Decodes some characters; false if there are none any more, or a failure comes next. */
    private boolean fill() throws IOException {
        chars.clear();
        boolean bad = false;
        while (chars.position() == 0 && failure == null && !bad) {
            bad = decode();
            if (chars.position() == 0 && !bad && !more()) {
                break;
            }
        }
        chars.flip();
        count();
        failure = bad ? bad() : failure;
        return chars.hasRemaining();
    }

    /** Decodes the bytes in the buffer up to one that can't be decoded; returns whether there is one. */
    private boolean decode() {
        if (encoding.width() != 2) {
            return decoder.decode(bytes, chars, ended).isError();
        }
        while (bytes.remaining() >= 2 && chars.hasRemaining()) {
            int first = bytes.get() & 0xff;
            int second = bytes.get() & 0xff;
            chars.put((char) (encoding == Encoding.UTF_16LE ? second << 8 | first : first << 8 | second));
        }
        return ended && bytes.remaining() == 1 && chars.hasRemaining();
    }

    /** Reads more bytes; false if the decoder knew already that there are none. */
    private boolean more() throws IOException {
        if (ended) {
            return false;
        }
        bytes.compact();
        int n = in.read(bytes.array(), bytes.position(), bytes.remaining());
        ended = n < 0;
        bytes.position(bytes.position() + Math.max(0, n)).flip();
        return true;
    }

    private void count() {
        for (int i = 0; i < chars.limit(); i++) {
            char c = chars.get(i);
            boolean feed = c == '\n' && returned;
            returned = c == '\r';
            if (c == '\n' || c == '\r') {
                line += feed ? 0 : 1;
                column = 1;
            } else {
                column++;
            }
        }
    }

    private SyncException bad() {
        String hint = encoding == Encoding.UTF_8
                ? " (Latin-1 or Windows-1252, perhaps: iconv -f WINDOWS-1252 -t UTF-8 converts it)"
                : "";
        return new SyncException(
                ErrorKind.MALFORMED,
                "line " + line + ", column " + column + ": not "
                        + encoding.charset().name() + hint);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
