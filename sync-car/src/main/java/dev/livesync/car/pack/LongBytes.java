package dev.livesync.car.pack;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight bytes at once, most significant first. */
final class LongBytes {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private LongBytes() {}

    static long get(byte[] in, int at) {
        return (long) LONGS.get(in, at);
    }

    static void set(byte[] out, int at, long value) {
        LONGS.set(out, at, value);
    }
}
