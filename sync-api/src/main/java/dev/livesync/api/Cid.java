package dev.livesync.api;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/**
 * A content identifier: version 1, a one-byte codec, SHA2-256. Its text form is base32 lower case with the multibase
 * prefix {@code b}, 59 characters; its binary form is 36 bytes ({@code 01 codec 12 20} and the digest).
 *
 * <p>Instances hold the digest in four longs: 48 bytes of heap with compressed references, and neither {@link #equals}
 * nor {@link #compareTo} makes a string. Immutable; any thread.
 *
 * <p>Other versions, hashes and multi-byte codecs are refused as {@link ErrorKind#UNSUPPORTED}: nothing in the alpha's
 * data uses them.
 *
 * @see <a href="https://github.com/multiformats/cid">CID specification</a>
 */
public final class Cid implements Comparable<Cid> {
    /** The multicodec of dag-cbor, which events and tree nodes use. */
    public static final int DAG_CBOR = 0x71;

    /** The multicodec of uninterpreted bytes. */
    public static final int RAW = 0x55;

    /** Length of the binary form, in bytes. */
    public static final int BYTES = 36;

    /** Length of the text form, in characters. */
    public static final int CHARS = 59;

    private static final byte[] ALPHABET = "abcdefghijklmnopqrstuvwxyz234567".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] VALUES = new byte[128];

    /** A six for each of the first 13 letters, and of the last 12 of them the highest bit; the first has only three. */
    private static final long SIXES = 0x6318C6318C6318C6L;

    private static final long HIGHEST_BITS = 0x0842108421084210L;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** Looking the algorithm up takes a fifth as long as hashing a small block; and a digest is as good as new after each use. */
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(Cid::sha256);

    static {
        java.util.Arrays.fill(VALUES, (byte) -1);
        for (int i = 0; i < 32; i++) {
            VALUES[ALPHABET[i]] = (byte) i;
        }
    }

    private final int codec;
    private final long d0;
    private final long d1;
    private final long d2;
    private final long d3;

    private Cid(int codec, long d0, long d1, long d2, long d3) {
        this.codec = codec;
        this.d0 = d0;
        this.d1 = d1;
        this.d2 = d2;
        this.d3 = d3;
    }

    /**
     * Hashes a block's bytes.
     *
     * @param codec the multicodec, 0 to 127
     * @param bytes the block, read and not kept
     * @return the CID whose digest is the SHA-256 of {@code bytes}
     */
    public static Cid hash(int codec, byte[] bytes) {
        return ofDigest(codec, SHA_256.get().digest(bytes), 0);
    }

    /**
     * Makes a CID of a digest that was computed elsewhere.
     *
     * @param codec the multicodec, 0 to 127
     * @param digest an array holding the 32 bytes of the digest, read and not kept
     * @param offset where the digest starts in it
     * @return the CID
     * @throws SyncException {@link ErrorKind#UNSUPPORTED} if the codec needs more than one byte
     * @throws IndexOutOfBoundsException if fewer than 32 bytes follow {@code offset}
     */
    public static Cid ofDigest(int codec, byte[] digest, int offset) {
        if (codec < 0 || codec > 0x7f) {
            throw new SyncException(ErrorKind.UNSUPPORTED, "CID codec 0x" + Integer.toHexString(codec) + " is unknown");
        }
        Objects.checkFromIndexSize(offset, 32, digest.length);
        return new Cid(
                codec,
                (long) LONGS.get(digest, offset),
                (long) LONGS.get(digest, offset + 8),
                (long) LONGS.get(digest, offset + 16),
                (long) LONGS.get(digest, offset + 24));
    }

    /**
     * Reads the binary form.
     *
     * @param bytes an array holding it, read and not kept
     * @param offset where the 36 bytes start
     * @return the CID
     * @throws SyncException {@link ErrorKind#MALFORMED} if fewer than 36 bytes follow; {@link ErrorKind#UNSUPPORTED} for
     *     another version, codec width or hash
     */
    public static Cid fromBytes(byte[] bytes, int offset) {
        if (offset < 0 || bytes.length - offset < BYTES) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    "CID needs " + BYTES + " bytes, " + Math.max(0, bytes.length - offset) + " are left at offset "
                            + offset);
        }
        if (bytes[offset] != 1 || bytes[offset + 1] < 0 || bytes[offset + 2] != 0x12 || bytes[offset + 3] != 0x20) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    "CID at offset " + offset + " is not version 1 with a one-byte codec and SHA2-256");
        }
        return ofDigest(bytes[offset + 1], bytes, offset + 4);
    }

    /**
     * Reads the text form.
     *
     * @param text 59 characters, base32 lower case with the prefix {@code b}
     * @return the CID
     * @throws SyncException {@link ErrorKind#MALFORMED} if the text is not base32 of 36 bytes (non-zero padding bits
     *     included); {@link ErrorKind#UNSUPPORTED} as {@link #fromBytes}
     */
    public static Cid parse(CharSequence text) {
        if (text.length() != CHARS || text.charAt(0) != 'b') {
            throw new SyncException(ErrorKind.MALFORMED, "not a CID (base32, 59 characters): " + shorten(text));
        }
        byte[] bytes = new byte[BYTES];
        int buffer = 0;
        int bits = 0;
        int at = 0;
        for (int i = 1; i < CHARS; i++) {
            char c = text.charAt(i);
            int value = c < 128 ? VALUES[c] : -1;
            if (value < 0) {
                throw new SyncException(ErrorKind.MALFORMED, "not a CID (character " + i + "): " + shorten(text));
            }
            buffer = buffer << 5 | value;
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                bytes[at++] = (byte) (buffer >>> bits);
                buffer &= (1 << bits) - 1;
            }
        }
        if (buffer != 0) {
            throw new SyncException(ErrorKind.MALFORMED, "not a CID (padding bits are set): " + shorten(text));
        }
        return fromBytes(bytes, 0);
    }

    /**
     * The multicodec of what the CID names.
     *
     * @return 0 to 127, {@link #DAG_CBOR} for events and tree nodes
     */
    public int codec() {
        return codec;
    }

    /**
     * The binary form.
     *
     * @return a new array of 36 bytes, the caller's own
     */
    public byte[] toByteArray() {
        byte[] bytes = new byte[BYTES];
        writeTo(bytes, 0);
        return bytes;
    }

    /**
     * Writes the binary form.
     *
     * @param target receives 36 bytes
     * @param offset where they start
     * @throws IndexOutOfBoundsException if they do not fit; nothing is written then
     */
    public void writeTo(byte[] target, int offset) {
        Objects.checkFromIndexSize(offset, BYTES, target.length);
        target[offset] = 1;
        target[offset + 1] = (byte) codec;
        target[offset + 2] = 0x12;
        target[offset + 3] = 0x20;
        LONGS.set(target, offset + 4, d0);
        LONGS.set(target, offset + 12, d1);
        LONGS.set(target, offset + 20, d2);
        LONGS.set(target, offset + 28, d3);
    }

    /**
     * One quarter of the digest, big-endian, for compact collections that store digests in {@code long[]}.
     *
     * @param index 0 to 3
     * @return the eight bytes of the digest that start at {@code 8 * index}
     * @throws IndexOutOfBoundsException for any other index
     */
    public long digestLong(int index) {
        return switch (index) {
            case 0 -> d0;
            case 1 -> d1;
            case 2 -> d2;
            case 3 -> d3;
            default -> throw new IndexOutOfBoundsException("no digest has a part " + index);
        };
    }

    /**
     * The reverse of {@link #digestLong}.
     *
     * @param codec the multicodec, 0 to 127
     * @param d0 first quarter
     * @param d1 second quarter
     * @param d2 third quarter
     * @param d3 last quarter
     * @return the CID
     * @throws SyncException {@link ErrorKind#UNSUPPORTED} if the codec needs more than one byte
     */
    public static Cid ofDigest(int codec, long d0, long d1, long d2, long d3) {
        if (codec < 0 || codec > 0x7f) {
            throw new SyncException(ErrorKind.UNSUPPORTED, "CID codec 0x" + Integer.toHexString(codec) + " is unknown");
        }
        return new Cid(codec, d0, d1, d2, d3);
    }

    /**
     * Writes the text form as ASCII.
     *
     * @param target receives 59 bytes
     * @param offset where they start
     * @throws IndexOutOfBoundsException if they do not fit; nothing is written then
     */
    public void writeText(byte[] target, int offset) {
        Objects.checkFromIndexSize(offset, CHARS, target.length);
        // 288 bits in groups of 40, which are eight characters each: the header and 8 bits of the digest, six groups
        // within
        // the digest, and 8 bits that are left over.
        target[offset] = 'b';
        write40(target, offset + 1, (1L << 24 | (long) codec << 16 | 0x1220) << 8 | d0 >>> 56);
        write40(target, offset + 9, d0 >>> 16);
        write40(target, offset + 17, d0 << 24 | d1 >>> 40);
        write40(target, offset + 25, d1);
        write40(target, offset + 33, d2 >>> 24);
        write40(target, offset + 41, d2 << 16 | d3 >>> 48);
        write40(target, offset + 49, d3 >>> 8);
        target[offset + 57] = ALPHABET[(int) (d3 >>> 3) & 31];
        target[offset + 58] = ALPHABET[(int) (d3 << 2) & 31];
    }

    /** Writes the low 40 bits as eight characters. */
    private static void write40(byte[] target, int offset, long bits) {
        for (int i = 0; i < 8; i++) {
            target[offset + i] = ALPHABET[(int) (bits >>> (35 - 5 * i)) & 31];
        }
    }

    /**
     * The text form.
     *
     * @return 59 characters
     */
    @Override
    public String toString() {
        byte[] text = new byte[CHARS];
        writeText(text, 0);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    /**
     * Orders by the text form, character by character, as the alpha sorts parents and breaks ties. (That is not the order
     * of the bytes: base32 writes its digits, which sort before letters, for the highest values.)
     */
    @Override
    public int compareTo(Cid other) {
        if (codec != other.codec) {
            return toString().compareTo(other.toString());
        }
        if (d0 >>> 1 != other.d0 >>> 1) {
            return Long.compareUnsigned(order(d0), order(other.d0));
        }
        for (int i = 0; i < 4; i++) {
            long diff = digestLong(i) ^ other.digestLong(i);
            if (diff != 0) {
                // 32 bits precede the digest, so its five-bit groups start after its first 3 bits: (32 + 3) % 5 == 0.
                int start = 3 + (64 * i + Long.numberOfLeadingZeros(diff) - 3) / 5 * 5;
                return Integer.compare(rank(group(start)), rank(other.group(start)));
            }
        }
        return 0;
    }

    /** The first 63 bits of the digest, which are those of 13 whole letters, as a number that is in the order of these. */
    private static long order(long first) {
        long bits = first >>> 1;
        return ((bits & ~HIGHEST_BITS) + SIXES) ^ (bits & HIGHEST_BITS);
    }

    /** The five bits of the digest from one of them on; bits after the digest count as zero. */
    private int group(int start) {
        int value = 0;
        for (int b = start; b < start + 5; b++) {
            int one = b > 255 ? 0 : (int) (digestLong(b >>> 6) >>> (63 - (b & 63))) & 1;
            value = value << 1 | one;
        }
        return value;
    }

    /** The order of the letter for five bits: in text, the six digits come before the letters. */
    private static int rank(int value) {
        return (value + 6) & 31;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cid c && d0 == c.d0 && d1 == c.d1 && d2 == c.d2 && d3 == c.d3 && codec == c.codec;
    }

    @Override
    public int hashCode() {
        return (int) (d0 >>> 32) ^ (int) d1;
    }

    private static String shorten(CharSequence text) {
        String s = text.length() > 70 ? text.subSequence(0, 70) + "..." : text.toString();
        return "\"" + s.replaceAll("[\\x00-\\x1f\\x7f-\\x9f]", "?") + "\"";
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new SyncException(ErrorKind.INTERNAL, "this Java runtime has no SHA-256", e);
        }
    }
}
