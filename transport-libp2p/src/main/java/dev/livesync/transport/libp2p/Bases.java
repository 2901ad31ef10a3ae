package dev.livesync.transport.libp2p;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Bytes as text, in the bases that peer ids come in. Short texts only: the cost grows with the square. */
final class Bases {
    private static final String BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final String BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz";
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

    private Bases() {}

    static String base58(byte[] bytes) {
        BigInteger base = BigInteger.valueOf(58);
        StringBuilder text = new StringBuilder();
        for (BigInteger rest = new BigInteger(1, bytes); rest.signum() > 0; rest = rest.divide(base)) {
            text.append(BASE58.charAt(rest.mod(base).intValue()));
        }
        for (int i = 0; i < bytes.length && bytes[i] == 0; i++) {
            text.append(BASE58.charAt(0));
        }
        return text.reverse().toString();
    }

    /** Decodes base58; null if the text isn't base58. */
    static byte @Nullable [] fromBase58(String text) {
        return decode(BASE58, text);
    }

    /** Decodes a multibase text: base58, base36 or base32 by its first character; null if it is none of them. */
    static byte @Nullable [] fromMultibase(String text) {
        if (text.isEmpty()) {
            return null;
        }
        String digits = text.substring(1);
        return switch (text.charAt(0)) {
            case 'z' -> decode(BASE58, digits);
            case 'k' -> decode(BASE36, digits);
            case 'b' -> fromBase32(digits);
            default -> null;
        };
    }

    private static byte @Nullable [] decode(String alphabet, String text) {
        BigInteger base = BigInteger.valueOf(alphabet.length());
        BigInteger value = BigInteger.ZERO;
        int zeros = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = alphabet.indexOf(text.charAt(i));
            if (digit < 0) {
                return null;
            }
            value = value.multiply(base).add(BigInteger.valueOf(digit));
            zeros += value.signum() == 0 ? 1 : 0;
        }
        byte[] magnitude = value.signum() == 0 ? new byte[0] : value.toByteArray();
        int sign = magnitude.length > 0 && magnitude[0] == 0 ? 1 : 0;
        byte[] bytes = new byte[zeros + magnitude.length - sign];
        System.arraycopy(magnitude, sign, bytes, zeros, magnitude.length - sign);
        return bytes;
    }

    private static byte @Nullable [] fromBase32(String text) {
        byte[] bytes = new byte[text.length() * 5 / 8];
        int bits = 0;
        int held = 0;
        int at = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = BASE32.indexOf(text.charAt(i));
            if (digit < 0) {
                return null;
            }
            bits = (bits << 5 | digit) & 0xfff;
            held += 5;
            if (held >= 8) {
                held -= 8;
                bytes[at++] = (byte) (bits >>> held);
            }
        }
        return (bits & (1 << held) - 1) == 0 ? bytes : null;
    }
}
