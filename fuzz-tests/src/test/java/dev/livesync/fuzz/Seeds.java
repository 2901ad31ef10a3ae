package dev.livesync.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes inputs in the form that {@link Choices} reads. */
public final class Seeds {
    private Seeds() {}

    /**
     * Bytes, and pieces behind their lengths, joined.
     *
     * @param parts an {@link Integer} is a byte; an array is a piece behind its length; a text is its bytes alone, ISO 8859-1
     * @return the input
     */
    public static byte[] of(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof byte[] piece) {
                out.write(piece.length >> 8);
                out.write(piece.length);
                out.writeBytes(piece);
            } else if (part instanceof Integer octet) {
                out.write(octet);
            } else {
                out.writeBytes(((String) part).getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return out.toByteArray();
    }

    /**
     * A byte before bytes without a length.
     *
     * @param octet the byte
     * @param rest all that follows
     * @return the input
     */
    public static byte[] before(int octet, byte[] rest) {
        byte[] input = new byte[1 + rest.length];
        input[0] = (byte) octet;
        System.arraycopy(rest, 0, input, 1, rest.length);
        return input;
    }

    /**
     * Texts as inputs.
     *
     * @param texts in UTF-8
     * @return the inputs
     */
    public static List<byte[]> texts(String... texts) {
        List<byte[]> inputs = new ArrayList<>();
        for (String text : texts) {
            inputs.add(text.getBytes(StandardCharsets.UTF_8));
        }
        return inputs;
    }
}
