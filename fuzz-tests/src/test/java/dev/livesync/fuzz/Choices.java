package dev.livesync.fuzz;

import java.util.Arrays;

/** Choices read from an input, one after another; where there is no more, zeroes. */
public final class Choices {
    private final byte[] input;
    private int at;

    /**
     * Begins at the first byte.
     *
     * @param input not copied
     */
    public Choices(byte[] input) {
        this.input = input;
    }

    /**
     * A byte.
     *
     * @return 0 to 255
     */
    public int octet() {
        return at < input.length ? input[at++] & 0xff : 0;
    }

    /**
     * A choice.
     *
     * @param bound at most 65,536
     * @return 0 to the bound, exclusive
     */
    public int below(int bound) {
        return bound <= 1 ? 0 : bound <= 256 ? octet() % bound : (octet() << 8 | octet()) % bound;
    }

    /**
     * One of two.
     *
     * @return either
     */
    public boolean flag() {
        return (octet() & 1) == 1;
    }

    /**
     * Some bytes behind their length.
     *
     * @return perhaps fewer than the length says
     */
    public byte[] piece() {
        return take(octet() << 8 | octet());
    }

    /**
     * So many bytes, or what there is.
     *
     * @param count at most so many
     * @return a copy
     */
    public byte[] take(int count) {
        int from = at;
        at = Math.min(input.length, at + count);
        return Arrays.copyOfRange(input, from, at);
    }

    /**
     * All that is left.
     *
     * @return a copy
     */
    public byte[] rest() {
        return take(input.length);
    }

    /**
     * Whether all of it was read.
     *
     * @return true at the end
     */
    public boolean isEmpty() {
        return at == input.length;
    }

    /**
     * Damages what was in order: nothing, or up to three changes.
     *
     * @param honest left as it is
     * @return a copy
     */
    public byte[] damage(byte[] honest) {
        byte[] bytes = honest.clone();
        for (int changes = below(4); changes > 0; changes--) {
            int place = bytes.length == 0 ? 0 : below(Math.min(bytes.length, 1 << 16));
            bytes = switch (below(5)) {
                case 0 -> Arrays.copyOf(bytes, place);
                case 1 -> inserted(bytes, place, take(below(16)));
                case 2 -> inserted(Arrays.copyOf(bytes, place), place, piece());
                default -> overwritten(bytes, place, take(1 + below(8)));
            };
        }
        return bytes;
    }

    private static byte[] inserted(byte[] bytes, int place, byte[] more) {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + more.length);
        System.arraycopy(bytes, place, longer, place + more.length, bytes.length - place);
        System.arraycopy(more, 0, longer, place, more.length);
        return longer;
    }

    private static byte[] overwritten(byte[] bytes, int place, byte[] other) {
        System.arraycopy(other, 0, bytes, place, Math.min(other.length, bytes.length - place));
        return bytes;
    }
}
