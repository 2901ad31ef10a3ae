package dev.livesync.car.pack;

import static dev.livesync.car.pack.PackFormat.DOUBLE;
import static dev.livesync.car.pack.PackFormat.FALSE;
import static dev.livesync.car.pack.PackFormat.LINK_BYTES;
import static dev.livesync.car.pack.PackFormat.LINK_CODEC;
import static dev.livesync.car.pack.PackFormat.LINK_START;
import static dev.livesync.car.pack.PackFormat.NULL;

import java.util.Arrays;

/**
 * Looks through a value before it is written: whether it is made of what a reader rebuilds to the byte, and where the names of
 * its maps are. So nothing is known of a value that turns out to be another kind of bytes half way, and every byte is looked
 * at twice, however deep it lies.
 */
final class ValueScan {
    /** Deeper than any limit allows. */
    private static final int DEEPEST = 1_000;

    private static final int KEPT = 1 << 7;

    /**
     * Of each map, in the order of their heads: how many names, their hash, and from and to of each name with its head.
     */
    int[] places = new int[64];

    private int size;

    /** Lets go of what a large value took. */
    void reset() {
        if (places.length > KEPT) {
            places = new int[64];
        }
    }

    /** Where the value that starts at an offset ends; -1 if it has to be left as it is. The array has 8 bytes to spare. */
    int scan(byte[] in, int from, int to) {
        size = 0;
        return item(in, from, to, 0);
    }

    private int item(byte[] in, int at, int end, int depth) {
        if (at >= end) {
            return -1;
        }
        int initial = in[at] & 0xff;
        switch (initial >>> 5) {
            case 0, 1 -> {
                return argumentEnd(in, at, end);
            }
            case 2, 3 -> {
                return stringEnd(in, at, end);
            }
            case 4 -> {
                int next = argumentEnd(in, at, end);
                if (next < 0 || depth == DEEPEST) {
                    return -1;
                }
                long count = argument(in, at);
                for (long i = 0; i < count && next >= 0; i++) {
                    next = item(in, next, end, depth + 1);
                }
                return next;
            }
            case 5 -> {
                return map(in, at, end, depth);
            }
            case 6 -> {
                return isLink(in, at, end) ? at + LINK_BYTES : -1;
            }
            default -> {
                if (initial >= FALSE && initial <= NULL) {
                    return at + 1;
                }
                return initial == DOUBLE && end - at >= 9 ? at + 9 : -1;
            }
        }
    }

    private int map(byte[] in, int at, int end, int depth) {
        int next = argumentEnd(in, at, end);
        if (next < 0 || depth == DEEPEST) {
            return -1;
        }
        long stated = argument(in, at);
        if (stated < 0 || stated > (end - next) / 2) {
            return -1;
        }
        int names = (int) stated;
        int place = size;
        reserve(2 + 2 * names);
        places[place] = names;
        int hash = names;
        for (int i = 0; i < names; i++) {
            if (next >= end || (in[next] & 0xff) >>> 5 != 3) {
                return -1;
            }
            int nameEnd = stringEnd(in, next, end);
            if (nameEnd < 0) {
                return -1;
            }
            hash = 31 * hash + hash(in, next, nameEnd);
            places[place + 2 + 2 * i] = next;
            places[place + 3 + 2 * i] = nameEnd;
            next = item(in, nameEnd, end, depth + 1);
            if (next < 0) {
                return -1;
            }
        }
        places[place + 1] = hash;
        return next;
    }

    private void reserve(int more) {
        if (places.length - size < more) {
            places = Arrays.copyOf(places, Math.max(size + more, 2 * places.length));
        }
        size += more;
    }

    /** Of the first eight bytes and the length: enough to tell most shapes apart. */
    private static int hash(byte[] in, int from, int to) {
        int length = to - from;
        long bytes = LongBytes.get(in, from);
        if (length < 8) {
            bytes >>>= 64 - 8 * length;
        }
        bytes = (bytes + length) * 0x9E3779B97F4A7C15L;
        return (int) (bytes >>> 32);
    }

    private static boolean isLink(byte[] in, int at, int end) {
        return end - at >= LINK_BYTES
                && Arrays.equals(in, at, at + LINK_CODEC, LINK_START, 0, LINK_CODEC)
                && in[at + LINK_CODEC] >= 0
                && in[at + LINK_CODEC + 1] == LINK_START[LINK_CODEC + 1]
                && in[at + LINK_CODEC + 2] == LINK_START[LINK_CODEC + 2];
    }

    /** Where a head ends; -1 if it is cut, or not in its shortest form. */
    static int argumentEnd(byte[] in, int at, int end) {
        int info = in[at] & 0x1f;
        if (info < 24) {
            return at + 1;
        }
        int bytes = PackFormat.argumentBytes(info);
        if (bytes < 0 || end - at - 1 < bytes) {
            return -1;
        }
        long least = bytes == 1 ? 24 : 1L << (4 * bytes);
        return Long.compareUnsigned(argument(in, at), least) < 0 ? -1 : at + 1 + bytes;
    }

    /** The argument of a head that is whole. */
    static long argument(byte[] in, int at) {
        int info = in[at] & 0x1f;
        if (info < 24) {
            return info;
        }
        long n = 0;
        for (int i = at + 1; i <= at + PackFormat.argumentBytes(info); i++) {
            n = n << 8 | in[i] & 0xff;
        }
        return n;
    }

    /** Where a string or a byte string ends; -1 if it is cut. */
    static int stringEnd(byte[] in, int at, int end) {
        int content = argumentEnd(in, at, end);
        if (content < 0) {
            return -1;
        }
        long length = argument(in, at);
        return length < 0 || length > end - content ? -1 : content + (int) length;
    }
}
