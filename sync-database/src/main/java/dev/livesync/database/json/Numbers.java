package dev.livesync.database.json;

import com.fasterxml.jackson.core.io.NumberOutput;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Value;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Numbers as JavaScript has them. A peer in JavaScript reads a JSON number into a 64-bit float and writes it to dag-cbor as an
 * integer if it is a safe one; equal documents must have equal bytes, so this does the same.
 */
public final class Numbers {
    /** The largest integer below which all are distinct floats: 2^53 - 1. */
    static final double MAX_SAFE = 9007199254740991d;

    /** A text of at most this many characters has no more than 15 digits, all of which a float keeps. */
    private static final int SAFE_DIGITS = 15;

    private Numbers() {}

    /**
     * The value that JavaScript would write for a number.
     *
     * @param number any float
     * @return an integer for safe integers (negative zero is 0), else a float
     * @throws UnfitValueException for NaN and infinities
     */
    static Value of(double number) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            throw new UnfitValueException(
                    ErrorKind.INVALID_ARGUMENT, "a number that is not finite, which JSON does not have");
        }
        if (Math.rint(number) == number && Math.abs(number) <= MAX_SAFE) {
            return new Value.Int((long) number);
        }
        return new Value.Real(number);
    }

    /**
     * The value for an integer of Java's.
     *
     * @param number any
     * @param exact whether to refuse what JavaScript would print as another number
     * @throws UnfitValueException if it is refused
     */
    static Value of(long number, boolean exact) {
        if (Math.abs(number) <= (long) MAX_SAFE && number != Long.MIN_VALUE) {
            return new Value.Int(number);
        }
        return of((double) number, Decimal.parse(Long.toString(number)), exact);
    }

    /** As {@link #of(long, boolean)}. */
    static Value of(BigInteger number, boolean exact) {
        double nearest = number.doubleValue();
        requireRange(!Double.isInfinite(nearest));
        return of(nearest, Decimal.parse(number.toString()), exact);
    }

    /** As {@link #of(long, boolean)}; the exact value of a double is exact, too. */
    static Value of(BigDecimal number, boolean exact) {
        double nearest = number.doubleValue();
        requireRange(!Double.isInfinite(nearest));
        boolean isDouble = exact && new BigDecimal(nearest).compareTo(number) == 0;
        return of(nearest, Decimal.parse(number.toString()), exact && !isDouble);
    }

    /**
     * The value of a number in JSON.
     *
     * @param text a number as JSON writes it
     * @param exact whether to refuse what JavaScript would print as another number. Where the text has a fraction or an exponent, all the
     *     digits of a double may be there: {@code 0.10000000000000001} is 0.1
     * @throws UnfitValueException if it is refused or beyond the range of floats
     */
    static Value of(String text, boolean exact) {
        boolean integer = isInteger(text);
        if (integer && text.length() <= SAFE_DIGITS) {
            return new Value.Int(Long.parseLong(text));
        }
        double nearest = Double.parseDouble(text);
        requireRange(!Double.isInfinite(nearest));
        if (!exact || !integer && text.length() <= SAFE_DIGITS && text.indexOf('e') < 0 && text.indexOf('E') < 0) {
            return of(nearest);
        }
        Decimal decimal = Decimal.parse(text);
        return of(nearest, decimal, integer || !decimal.spells(nearest));
    }

    private static boolean isInteger(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.' || c == 'e' || c == 'E') {
                return false;
            }
        }
        return true;
    }

    private static Value of(double nearest, Decimal wanted, boolean exact) {
        if (exact && !wanted.equals(shortest(nearest))) {
            throw new UnfitValueException(
                    ErrorKind.INVALID_ARGUMENT,
                    "a number that JavaScript would round to a 64-bit float (put it as a string, or allow rounding)");
        }
        return of(nearest);
    }

    private static void requireRange(boolean within) {
        if (!within) {
            throw new UnfitValueException(ErrorKind.INVALID_ARGUMENT, "a number beyond the range of 64-bit floats");
        }
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
        Decimal shortest = shortest(number);
        layout(shortest.digits(), (int) shortest.point(), out);
    }

    /** The shortest decimal that reads back as a finite float. */
    static Decimal shortest(double number) {
        if (number == 0) {
            return Decimal.of(false, "", 0);
        }
        double magnitude = Math.abs(number);
        // Java's own Double.toString is not the shortest before JDK 19.
        String text = NumberOutput.toString(magnitude, true);
        int e = text.indexOf('E');
        String mantissa = e < 0 ? text : text.substring(0, e);
        int exponent = e < 0 ? 0 : Integer.parseInt(text.substring(e + 1));
        int dot = mantissa.indexOf('.');
        Decimal decimal =
                Decimal.of(number < 0, mantissa.substring(0, dot) + mantissa.substring(dot + 1), (long) dot + exponent);
        if (decimal.digits().length() == 2) {
            String one = oneDigit(magnitude, decimal.digits(), (int) decimal.point());
            if (!one.isEmpty()) {
                return Decimal.of(number < 0, one, decimal.point() + one.length() - 1);
            }
        }
        return decimal;
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
