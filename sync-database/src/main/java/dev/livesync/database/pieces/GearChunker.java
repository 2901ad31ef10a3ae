package dev.livesync.database.pieces;

/**
 * Cuts content into pieces where the content says, so that equal stretches become equal pieces wherever they lie: FastCDC with normalised
 * chunking. The parameters are part of the format ({@code docs/attachments.md}): other ones would give the same content another name.
 *
 * <p>Over the bytes of a piece from its {@link #LEAST}th on runs {@code h = (h << 1) + GEAR[byte]}, in 64 bits. The piece ends behind the first
 * byte after which the highest {@link #EARLY_BITS} bits of {@code h} are zero, from {@link #NORMAL} bytes on the highest {@link #LATE_BITS};
 * at the latest with {@link #MOST} bytes.
 */
public final class GearChunker {
    /** No piece but the last is shorter, in bytes. */
    public static final int LEAST = 1 << 14;

    /** From this length on pieces are cut more readily, in bytes. */
    public static final int NORMAL = 1 << 16;

    /** No piece is longer, in bytes. */
    public static final int MOST = 1 << 18;

    static final int EARLY_BITS = 18;
    static final int LATE_BITS = 14;

    private static final long[] GEAR = gear();

    private GearChunker() {}

    /**
     * Finds the end of the first piece.
     *
     * @param bytes holds the content from the beginning of a piece on
     * @param from where that is
     * @param to where the bytes end; at least {@link #MOST} behind {@code from}, or the end of the content
     * @return the length of the piece; 0 only if there are no bytes
     */
    public static int length(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + MOST);
        int normal = Math.min(end, from + NORMAL);
        int at = from + LEAST;
        long hash = 0;
        for (; at < normal; at++) {
            hash = (hash << 1) + GEAR[bytes[at] & 0xff];
            if (hash >>> (64 - EARLY_BITS) == 0) {
                return at + 1 - from;
            }
        }
        for (; at < end; at++) {
            hash = (hash << 1) + GEAR[bytes[at] & 0xff];
            if (hash >>> (64 - LATE_BITS) == 0) {
                return at + 1 - from;
            }
        }
        return end - from;
    }

    /** The first 256 numbers of SplitMix64 from the seed 0. */
    private static long[] gear() {
        long[] table = new long[256];
        long state = 0;
        for (int i = 0; i < table.length; i++) {
            state += 0x9e3779b97f4a7c15L;
            long z = state;
            z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
            z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
            table[i] = z ^ z >>> 31;
        }
        return table;
    }
}
