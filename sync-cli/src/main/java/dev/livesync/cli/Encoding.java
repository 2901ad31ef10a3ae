package dev.livesync.cli;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * The encodings that a text may have. A byte order mark tells which. Without one the zero bytes do: no JSON text contains zero characters,
 * so their places show how wide the first character is.
 */
enum Encoding {
    // The wider ones first: a mark of theirs begins with one of 16 bits.
    UTF_32LE(Charset.forName("UTF-32LE"), "\u00ff\u00fe\0\0", 4, 0b1000),
    UTF_32BE(Charset.forName("UTF-32BE"), "\0\0\u00fe\u00ff", 4, 0b0001),
    UTF_16LE(StandardCharsets.UTF_16LE, "\u00ff\u00fe", 2, 0b10),
    UTF_16BE(StandardCharsets.UTF_16BE, "\u00fe\u00ff", 2, 0b01),
    UTF_8(StandardCharsets.UTF_8, "\u00ef\u00bb\u00bf", 1, 0b1);

    /** How many bytes {@link #of} looks at. */
    static final int BYTES = 4;

    private final Charset charset;
    private final String mark;
    private final int width;
    private final int ascii;

    /**
     * Creates an encoding.
     *
     * @param mark a character for each byte
     * @param ascii a bit for each byte of an ASCII character, first byte first: 0 where that is zero
     */
    Encoding(Charset charset, String mark, int width, int ascii) {
        this.charset = charset;
        this.mark = mark;
        this.width = width;
        this.ascii = ascii;
    }

    /** The encoding of a text that starts so. */
    static Encoding of(byte[] start) {
        for (Encoding encoding : values()) {
            if (encoding.marks(start)) {
                return encoding;
            }
        }
        for (Encoding encoding : values()) {
            if (encoding.fits(start)) {
                return encoding;
            }
        }
        return UTF_8;
    }

    /** How many bytes of mark to skip. */
    int markBytes(byte[] start) {
        return marks(start) ? mark.length() : 0;
    }

    Charset charset() {
        return charset;
    }

    int width() {
        return width;
    }

    private boolean marks(byte[] start) {
        return new String(start, StandardCharsets.ISO_8859_1).startsWith(mark);
    }

    private boolean fits(byte[] start) {
        if (start.length < width) {
            return false;
        }
        for (int i = 0; i < width; i++) {
            boolean zero = (ascii >> (width - 1 - i) & 1) == 0;
            if (zero != (start[i] == 0)) {
                return false;
            }
        }
        return true;
    }
}
