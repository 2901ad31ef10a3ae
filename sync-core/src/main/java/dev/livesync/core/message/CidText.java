package dev.livesync.core.message;

import dev.livesync.api.Cid;

/** Reads a CID's text from a buffer of characters, without objects: for diffs that name millions. One thread. */
final class CidText {
    private static final byte[] VALUES = new byte[128];

    static {
        java.util.Arrays.fill(VALUES, (byte) -1);
        String alphabet = "abcdefghijklmnopqrstuvwxyz234567";
        for (int i = 0; i < alphabet.length(); i++) {
            VALUES[alphabet.charAt(i)] = (byte) i;
        }
    }

    /** The kinds of text. */
    enum Kind {
        /** A CID that this build works with; {@link #word} has its digest. */
        KNOWN,
        /** A CID of another version or hash. */
        FOREIGN,
        /** No CID. */
        NONE
    }

    /** The header, in the low 32 bits, and the four quarters of the digest. */
    private final long[] words = new long[5];

    /** Reads 59 characters. */
    Kind read(char[] text, int offset, int length) {
        if (length != Cid.CHARS || text[offset] != 'b') {
            return Kind.NONE;
        }
        int at = offset + 1;
        long buffer = 0;
        int bits = 0;
        for (int word = 0; word < 9; word++) {
            while (bits < 32) {
                char c = text[at++];
                int value = c < 128 ? VALUES[c] : -1;
                if (value < 0) {
                    return Kind.NONE;
                }
                buffer = buffer << 5 | value;
                bits += 5;
            }
            bits -= 32;
            long half = buffer >>> bits & 0xffffffffL;
            buffer &= (1L << bits) - 1;
            if (word == 0) {
                words[0] = half;
            } else if ((word & 1) == 1) {
                words[(word + 1) / 2] = half << 32;
            } else {
                words[word / 2] |= half;
            }
        }
        if (buffer != 0) {
            return Kind.NONE;
        }
        return (words[0] & 0xff80ffffL) == 0x01001220L ? Kind.KNOWN : Kind.FOREIGN;
    }

    int codec() {
        return (int) (words[0] >>> 16) & 0x7f;
    }

    long word(int index) {
        return words[index + 1];
    }

    Cid toCid() {
        return Cid.ofDigest(codec(), words[1], words[2], words[3], words[4]);
    }
}
