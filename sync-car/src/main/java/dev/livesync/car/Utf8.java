package dev.livesync.car;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** UTF-8 as strictly as Unicode defines it: no overlong forms, no surrogates, nothing past U+10FFFF. */
final class Utf8 {
    private static final long HIGH_BITS = 0x8080808080808080L;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Utf8() {}

    /** The offset of the first byte that starts no well-formed character in [from, to), or -1. */
    static int firstBad(byte[] in, int from, int to) {
        int at = from;
        while (at < to) {
            while (to - at >= 8 && ((long) LONGS.get(in, at) & HIGH_BITS) == 0) {
                at += 8;
            }
            if (at == to) {
                break;
            }
            int lead = in[at];
            if (lead >= 0) {
                at++;
                continue;
            }
            int length = length(in, at, to, lead & 0xff);
            if (length == 0) {
                return at;
            }
            at += length;
        }
        return -1;
    }

    /** Length of the multi-byte character at an offset, 0 if it is not well-formed (Unicode, table 3-7). */
    private static int length(byte[] in, int at, int to, int lead) {
        if (lead < 0xc2 || lead > 0xf4) {
            return 0;
        }
        int length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (to - at < length) {
            return 0;
        }
        int second = in[at + 1] & 0xff;
        int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        int high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (second < low || second > high) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((in[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    /** How many bytes a string takes, or -1 if a lone surrogate keeps it from being written at all. */
    static int size(String s) {
        int chars = s.length();
        long bytes = chars;
        for (int i = 0; i < chars; i++) {
            char c = s.charAt(i);
            if (c >= 0x80) {
                bytes++;
                if (c >= 0x800) {
                    if (!Character.isSurrogate(c)) {
                        bytes++;
                    } else if (Character.isHighSurrogate(c)
                            && i + 1 < chars
                            && Character.isLowSurrogate(s.charAt(i + 1))) {
                        // Two chars so far counted as three bytes; the pair takes four.
                        bytes++;
                        i++;
                    } else {
                        return -1;
                    }
                }
            }
        }
        return bytes > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) bytes;
    }

    /** Compares two well-formed strings as {@link String#compareTo} does, by UTF-16 code units. */
    static int compareAsUtf16(byte[] a, int fromA, int toA, byte[] b, int fromB, int toB) {
        int at = Arrays.mismatch(a, fromA, toA, b, fromB, toB);
        if (at < 0 || fromA + at == toA || fromB + at == toB) {
            return Integer.compare(toA - fromA, toB - fromB);
        }
        return Integer.compare(rank(a[fromA + at] & 0xff), rank(b[fromB + at] & 0xff));
    }

    /** Past U+FFFF are surrogates in UTF-16, which come before U+E000. */
    private static int rank(int lead) {
        return lead < 0xee ? lead : lead < 0xf0 ? lead + 0x10 : lead - 1;
    }

    /** dag-cbor's order of map keys: shorter first, then by bytes, which is by code point. Well-formed strings only. */
    static int compareKeys(String a, String b) {
        int bySize = Integer.compare(size(a), size(b));
        if (bySize != 0) {
            return bySize;
        }
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                // Surrogates stand for what is past U+FFFF, so they come last.
                boolean sx = Character.isSurrogate(x);
                boolean sy = Character.isSurrogate(y);
                return sx == sy ? Character.compare(x, y) : sx ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
