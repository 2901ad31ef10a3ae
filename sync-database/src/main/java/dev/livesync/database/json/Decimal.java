package dev.livesync.database.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * A decimal number, digit by digit: ±0.<em>digits</em> · 10<sup>point</sup>. The digits begin and end with none that is zero, so equal
 * numbers are equal records; zero has no digits, no sign and point 0. Reading one is linear in its length, however long it is.
 *
 * @param negative whether it is less than zero
 * @param digits decimal digits, none for zero
 * @param point where the decimal point is, counted from before the first digit; beyond ±2<sup>50</sup> it is cut off there
 */
record Decimal(boolean negative, String digits, long point) {
    /** All that a double needs, and what C's {@code %.17g} writes. */
    private static final int DOUBLE_DIGITS = 17;

    private static final long FAR = 1L << 50;

    /** Reads what JSON and {@link BigDecimal#toString} write: digits, perhaps with a sign, a fraction, an exponent. */
    static Decimal parse(String text) {
        boolean negative = text.startsWith("-");
        int at = negative ? 1 : 0;
        StringBuilder digits = new StringBuilder();
        long point = 0;
        boolean fraction = false;
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '.') {
                fraction = true;
            } else if (c >= '0' && c <= '9') {
                if (digits.length() > 0 || c != '0') {
                    digits.append(c);
                    point += fraction ? 0 : 1;
                } else if (fraction) {
                    point--;
                }
            } else {
                break;
            }
        }
        return of(negative, digits, point + (at < text.length() ? exponent(text, at + 1) : 0));
    }

    private static long exponent(String text, int from) {
        boolean negative = text.charAt(from) == '-';
        long exponent = 0;
        for (int at = Character.digit(text.charAt(from), 10) < 0 ? from + 1 : from; at < text.length(); at++) {
            exponent = Math.min(FAR, exponent * 10 + Character.digit(text.charAt(at), 10));
        }
        return negative ? -exponent : exponent;
    }

    static Decimal of(boolean negative, CharSequence digits, long point) {
        int begin = 0;
        int end = digits.length();
        while (end > 0 && digits.charAt(end - 1) == '0') {
            end--;
        }
        while (begin < end && digits.charAt(begin) == '0') {
            begin++;
        }
        return begin == end
                ? new Decimal(false, "", 0)
                : new Decimal(negative, digits.subSequence(begin, end).toString(), point - begin);
    }

    /**
     * Whether this is a way to write a double that loses nothing: one with all digits right and no more of them than a double has.
     *
     * @param number the double next to this number
     */
    boolean spells(double number) {
        if (digits.length() > DOUBLE_DIGITS) {
            return false;
        }
        MathContext precision = new MathContext(Math.max(1, digits.length()), RoundingMode.HALF_EVEN);
        return equals(parse(new BigDecimal(number).round(precision).toString()));
    }
}
