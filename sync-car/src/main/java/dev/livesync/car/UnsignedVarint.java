package dev.livesync.car;

/** Unsigned varints (LEB128, seven bits a byte, least significant first) as multiformats bound them. */
final class UnsignedVarint {
    private UnsignedVarint() {}

    /** How many bytes a number takes. */
    static int size(long value) {
        int bytes = 1;
        for (long rest = value >>> 7; rest != 0; rest >>>= 7) {
            bytes++;
        }
        return bytes;
    }

    /** Writes a number and says where it ended. */
    static int write(long value, byte[] target, int offset) {
        int at = offset;
        long rest = value;
        while (rest >>> 7 != 0) {
            target[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        target[at++] = (byte) rest;
        return at;
    }
}
