package dev.livesync.car.pack;

/**
 * Floats that people and programs write with few digits, such as 57.5: an integer divided by a power of ten. IEEE division is exact to the
 * last bit, so both ends come to the same float.
 */
final class ShortDecimal {
    /** The greatest power. */
    static final int MOST_DIGITS = 9;

    private static final double LARGEST = (1L << 32) - 1;
    private static final double[] POWERS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

    private ShortDecimal() {}

    /** The least power with which this float is a decimal; -1 if there is none, and for negative zero. */
    static int digits(double d) {
        for (int digits = 0; digits <= MOST_DIGITS; digits++) {
            double scaled = Math.rint(d * POWERS[digits]);
            if (!(Math.abs(scaled) <= LARGEST)) {
                return -1;
            }
            if (Double.doubleToRawLongBits(of((long) scaled, digits)) == Double.doubleToRawLongBits(d)) {
                return digits;
            }
        }
        return -1;
    }

    static long scaled(double d, int digits) {
        return (long) Math.rint(d * POWERS[digits]);
    }

    static double of(long scaled, int digits) {
        return scaled / POWERS[digits];
    }
}
