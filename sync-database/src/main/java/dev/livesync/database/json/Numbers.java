package dev.livesync.database.json;

import com.fasterxml.jackson.core.io.NumberOutput;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;

/**
 * Numbers as JavaScript has them. A peer in JavaScript reads a JSON number into a 64-bit float and writes it to dag-cbor as an
 * integer if it is a safe one; equal documents must have equal bytes, so this does the same.
 */
public final class Numbers {
    /** The largest integer below which all are distinct floats: 2^53 - 1. */
    static final double MAX_SAFE = 9007199254740991d;

    private Numbers() {}

    /**
     * The value that JavaScript would write for a number.
     *
     * @param number any float
     * @return an integer for safe integers (negative zero is 0), else a float
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} for NaN and infinities
     */
    public static Value of(double number) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, "a document cannot hold a number that is not a finite 64-bit float");
        }
        if (Math.rint(number) == number && Math.abs(number) <= MAX_SAFE) {
            return new Value.Int((long) number);
        }
        return new Value.Real(number);
    }

    /**
     * Writes a float as {@code Number.prototype.toString} does: the shortest digits that read back as the same float, plain
     * from 1e-6 to below 1e21.
     *
     * @param number a finite float
     * @param out receives the text
     * @see <a href="https://tc39.es/ecma262/#sec-numeric-types-number-tostring">ECMAScript, Number::toString</a>
     */
    public static void write(double number, StringBuilder out) {
        if (number == 0) {
            out.append('0');
            return;
        }
        if (number < 0) {
            out.append('-');
        }
        double magnitude = Math.abs(number);
        // Java's own Double.toString is not the shortest before JDK 19.
        String text = NumberOutput.toString(magnitude, true);
        int e = text.indexOf('E');
        String mantissa = e < 0 ? text : text.substring(0, e);
        int exponent = e < 0 ? 0 : Integer.parseInt(text.substring(e + 1));
        int dot = mantissa.indexOf('.');
        String digits = mantissa.substring(0, dot) + mantissa.substring(dot + 1);
        // The number is 0.digits times ten to the power of point.
        int point = dot + exponent;
        int zeros = 0;
        while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
            zeros++;
        }
        int end = digits.length();
        while (end > zeros + 1 && digits.charAt(end - 1) == '0') {
            end--;
        }
        digits = digits.substring(zeros, end);
        point -= zeros;
        if (digits.length() == 2) {
            String one = oneDigit(magnitude, digits, point);
            if (one.length() == 2) {
                point++;
            }
            digits = one.isEmpty() ? digits : one.substring(0, 1);
        }
        layout(digits, point, out);
    }

    /**
     * Java wants two digits where one would do, and JavaScript doesn't: 4.9E-324 is 5e-324 there. Gives the one digit; two
     * if it is 10; nothing if there is none.
     */
    private static String oneDigit(double magnitude, String digits, int point) {
        int tens = digits.charAt(0) - '0';
        int first = digits.charAt(1) >= '5' ? tens + 1 : tens;
        int second = first == tens ? tens + 1 : tens;
        for (int digit : new int[] {first, second}) {
            if (digit > 0 && Double.parseDouble(digit + "e" + (point - 1)) == magnitude) {
                return Integer.toString(digit);
            }
        }
        return "";
    }

    private static void layout(String digits, int point, StringBuilder out) {
        int count = digits.length();
        if (count <= point && point <= 21) {
            out.append(digits).append("0".repeat(point - count));
        } else if (0 < point && point <= 21) {
            out.append(digits, 0, point).append('.').append(digits, point, count);
        } else if (-6 < point && point <= 0) {
            out.append("0.").append("0".repeat(-point)).append(digits);
        } else {
            out.append(digits.charAt(0));
            if (count > 1) {
                out.append('.').append(digits, 1, count);
            }
            out.append('e').append(point > 0 ? '+' : '-').append(Math.abs(point - 1));
        }
    }
}
