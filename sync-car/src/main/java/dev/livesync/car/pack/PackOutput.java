package dev.livesync.car.pack;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Arrays;

/** Bytes into a growing array that is used again. */
class PackOutput {
    /** A larger array is not kept: there is one in every session, and most are idle. */
    private static final int KEPT = 1 << 10;

    /** Above this, an array twice as large would take more memory than copying it more often takes time. */
    private static final int LARGE = 1 << 20;

    private static final int LARGEST = Integer.MAX_VALUE - 8;

    byte[] bytes = new byte[256];
    int size;

    /** Empties it, and lets go of what is large. */
    final void reset() {
        size = 0;
        if (bytes.length > KEPT) {
            bytes = new byte[256];
        }
    }

    /** Empties it, and lets go of the array if that is full: it may be somebody else's now. */
    final void release() {
        bytes = bytes.length == size ? new byte[256] : bytes;
        reset();
    }

    final void put(int b) {
        reserve(1);
        bytes[size++] = (byte) b;
    }

    final void varint(long value) {
        reserve(10);
        long rest = value;
        while (rest >>> 7 != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    final void raw(byte[] from) {
        raw(from, 0, from.length);
    }

    final void raw(byte[] from, int at, int length) {
        reserve(length);
        System.arraycopy(from, at, bytes, size, length);
        size += length;
    }

    /** The head of an item of dag-cbor, in its shortest form. */
    final void head(int major, long argument) {
        reserve(9);
        int type = major << 5;
        if (argument < 24) {
            bytes[size++] = (byte) (type | (int) argument);
            return;
        }
        int code = argument < 1 << 8 ? 0 : argument < 1 << 16 ? 1 : argument < 1L << 32 ? 2 : 3;
        bytes[size++] = (byte) (type | 24 + code);
        for (int shift = (8 << code) - 8; shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (argument >>> shift);
        }
    }

    /** A link to a block of dag-cbor. */
    final void link(Cid cid) {
        raw(PackFormat.LINK_START, 0, 5);
        reserve(Cid.BYTES);
        cid.writeTo(bytes, size);
        size += Cid.BYTES;
    }

    /** Makes room for so many more bytes. */
    final void reserve(int more) {
        if (bytes.length - size < more) {
            long needed = size + (long) more;
            check(needed);
            if (needed > LARGEST) {
                throw new SyncException(ErrorKind.LIMIT_EXCEEDED, "a pack of " + needed + " bytes is too large");
            }
            long room = needed > LARGE ? needed + (needed >> 4) : Math.max(needed, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, (int) Math.min(LARGEST, room));
        }
    }

    /** Refuses a size that is not allowed, before there is an array of it. */
    void check(long needed) {}
}
