package dev.livesync.car.pack;

import java.util.Arrays;

/**
 * Short strings of one direction, each in the slot that its bytes hash to: what documents have over and over again, such as
 * a state or a town. Both ends put the same ones in the same order, so they hold the same ones.
 */
final class WordTable {
    static final int SHORTEST = 3;
    static final int LONGEST = 32;

    private static final int SLOTS = 256;
    private static final int SPREAD = 0x9E3779B1;

    private byte[] lengths = new byte[0];
    private byte[] words = new byte[0];

    /** How many bytes it takes. */
    long keptBytes() {
        return (long) words.length + lengths.length;
    }

    static boolean isWord(long length) {
        return length >= SHORTEST && length <= LONGEST;
    }

    static int slot(byte[] in, int from, int length) {
        int hash = 0;
        for (int i = from; i < from + length; i++) {
            hash = 31 * hash + (in[i] & 0xff);
        }
        return hash * SPREAD >>> 24;
    }

    boolean has(int slot, byte[] in, int from, int length) {
        return length(slot) == length
                && Arrays.equals(words, slot * LONGEST, slot * LONGEST + length, in, from, from + length);
    }

    void put(int slot, byte[] in, int from, int length) {
        if (lengths.length == 0) {
            lengths = new byte[SLOTS];
            words = new byte[SLOTS * LONGEST];
        }
        lengths[slot] = (byte) length;
        System.arraycopy(in, from, words, slot * LONGEST, length);
    }

    /** The length of the word in a slot; 0 if there is none. */
    int length(int slot) {
        return lengths.length == 0 ? 0 : lengths[slot];
    }

    /** Writes the word of a slot as a string of dag-cbor. */
    void writeTo(PackOutput out, int slot) {
        int length = lengths[slot];
        out.head(3, length);
        out.raw(words, slot * LONGEST, length);
    }
}
