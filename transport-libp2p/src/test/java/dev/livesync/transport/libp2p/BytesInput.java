package dev.livesync.transport.libp2p;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Choices read from bytes, one after the other; where there are no more, zeroes. */
final class BytesInput implements FuzzInput {
    private static final int LONGEST = 300;

    private final ByteBuffer rest;

    BytesInput(byte[] bytes) {
        rest = ByteBuffer.wrap(bytes);
    }

    @Override
    public boolean flag() {
        return below(2) == 1;
    }

    @Override
    public int below(int bound) {
        int choice = 0;
        for (int limit = bound - 1; limit > 0; limit >>= 8) {
            choice = choice << 8 | (rest.hasRemaining() ? rest.get() & 0xff : 0);
        }
        return Math.floorMod(choice, bound);
    }

    @Override
    public long number() {
        return ByteBuffer.wrap(bytes(Long.BYTES)).getLong();
    }

    @Override
    public byte[] bytes() {
        return bytes(Math.min(below(LONGEST), rest.remaining()));
    }

    @Override
    public byte[] bytes(int count) {
        byte[] bytes = new byte[Math.min(count, rest.remaining())];
        rest.get(bytes);
        return Arrays.copyOf(bytes, count);
    }
}
