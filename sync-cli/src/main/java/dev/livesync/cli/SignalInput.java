package dev.livesync.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads an offer or an answer that was copied by people: wrapped by a mail program, quoted, indented, or as {@code --json} printed it.
 *
 * <p>A signal is base64 of one JSON object, so it says itself when it is complete, and nobody has to close standard input or to type a line more.
 * It is handed on as it came, for the core to clean. What is no signal is handed on after its first line: the core says what is wrong with it.
 */
final class SignalInput {
    /** The most bytes read: more than the core takes, so that the core's message is shown. */
    private static final int MAX_BYTES = 1 << 20;

    /** The start of every JSON object in base64: a brace and a quote. */
    private static final String START = "ey";

    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder digits = new StringBuilder();
    private final JsonEnd end = new JsonEnd();
    private int bits;
    private int bitCount;
    private int read;

    private SignalInput(InputStream in) {
        this.in = in;
    }

    /**
     * Reads a signal, and of the text after it at most the available rest of its line.
     *
     * @param what it is, for messages
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if nothing comes, {@link ErrorKind#LIMIT_EXCEEDED} if too much does
     */
    static String read(InputStream in, String what) throws IOException {
        SignalInput input = new SignalInput(in);
        String signal = input.read(what);
        if (signal == null) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "standard input ended before " + what + " came");
        }
        return signal;
    }

    private @Nullable String read(String what) throws IOException {
        boolean json = false;
        while (true) {
            int b = in.read();
            if (++read > MAX_BYTES) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED, "what came on standard input is too long for " + what);
            }
            if (b < 0) {
                return text();
            }
            if (b == '\n' && !json && digits.length() > 0 && !mayGoOn()) {
                return text();
            }
            if (!json && digits.length() == 0 && b == '{') {
                json = true;
                line.reset();
            }
            line.write(b);
            if (json ? end.isAt(b) : digit(b)) {
                skipLine();
                return json ? field() : text();
            }
        }
    }

    /** Whether what came is the beginning of a signal. */
    private boolean mayGoOn() {
        int common = Math.min(digits.length(), START.length());
        return START.startsWith(digits.substring(0, common)) && !end.isNone();
    }

    /** Takes a character; true if it completes the signal. */
    private boolean digit(int b) {
        int value = b >= 'A' && b <= 'Z'
                ? b - 'A'
                : b >= 'a' && b <= 'z'
                        ? b - 'a' + 26
                        : b >= '0' && b <= '9' ? b - '0' + 52 : b == '+' ? 62 : b == '/' ? 63 : -1;
        if (value < 0) {
            return false; // blanks, quotes, padding
        }
        digits.append((char) b);
        bits = (bits << 6 | value) & 0xffff;
        bitCount += 6;
        if (bitCount < 8) {
            return false;
        }
        bitCount -= 8;
        return end.isAt(bits >> bitCount & 0xff);
    }

    /** The text so far; null if it is blank. */
    private @Nullable String text() {
        String text = line.toString(StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? null : text;
    }

    /** The field that {@code --json} prints. */
    private String field() {
        String text = line.toString(StandardCharsets.UTF_8);
        try {
            JsonNode object = new JsonMapper().readTree(text);
            JsonNode signal = object.has("offer") ? object.get("offer") : object.get("answer");
            return signal != null && signal.isTextual() ? signal.asText() : text;
        } catch (JsonProcessingException e) {
            return text;
        }
    }

    private void skipLine() throws IOException {
        while (in.available() > 0 && in.read() != '\n') {
            // what stands behind the signal: padding, a quote
        }
    }

    /** Finds the end of a JSON object, byte by byte. */
    private static final class JsonEnd {
        private int depth;
        private boolean begun;
        private boolean text;
        private boolean escaped;
        private boolean none;

        /** Takes a byte; true if it is the last one. */
        boolean isAt(int b) {
            none |= !begun && b != '{';
            begun = true;
            if (text) {
                text = escaped || b != '"';
                escaped = !escaped && b == '\\';
            } else if (b == '"') {
                text = true;
            } else if (b == '{' || b == '[') {
                depth++;
            } else if (b == '}' || b == ']') {
                depth--;
            }
            return depth == 0 && !none;
        }

        boolean isNone() {
            return none;
        }
    }
}
