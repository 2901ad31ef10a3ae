package dev.livesync.transport.libp2p;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Random and nearly right bytes, the same ones for the same seed. */
final class SeededInput implements FuzzInput {
    private static final byte[][] WORDS = {
        "\u0013/multistream/1.0.0\n".getBytes(StandardCharsets.UTF_8),
        "\u0007/noise\n".getBytes(StandardCharsets.UTF_8),
        "\u0003ls\n".getBytes(StandardCharsets.UTF_8),
        "\u0003na\n".getBytes(StandardCharsets.UTF_8),
        {(byte) 0x80, 1},
        {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f},
        {0, 0},
        {1, 0},
        {2, 1, 7},
    };

    private final SplittableRandom random;

    SeededInput(long seed) {
        random = new SplittableRandom(seed);
    }

    @Override
    public boolean flag() {
        return random.nextBoolean();
    }

    @Override
    public int below(int bound) {
        return random.nextInt(bound);
    }

    @Override
    public long number() {
        return random.nextLong();
    }

    @Override
    public byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    @Override
    public byte[] bytes() {
        byte[] all = new byte[0];
        int parts = random.nextInt(6);
        for (int i = 0; i < parts; i++) {
            byte[] part = random.nextBoolean() ? WORDS[random.nextInt(WORDS.length)] : bytes(random.nextInt(40));
            all = ByteArrays.concat(all, part);
        }
        if (all.length > 0 && random.nextInt(3) == 0) {
            all[random.nextInt(all.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return all;
    }
}
