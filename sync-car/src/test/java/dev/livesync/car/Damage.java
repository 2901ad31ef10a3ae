package dev.livesync.car;

import java.util.Arrays;
import java.util.Random;

/** Bytes cut short, with one byte more, or with a bit flipped; once or twice. */
final class Damage {
    private Damage() {}

    static byte[] to(byte[] bytes, Random random) {
        byte[] changed = bytes;
        for (int n = 1 + random.nextInt(2); n > 0; n--) {
            int at = random.nextInt(changed.length + 1);
            switch (random.nextInt(4)) {
                case 0 -> changed = Arrays.copyOf(changed, at);
                case 1 -> {
                    byte[] longer = Arrays.copyOf(changed, changed.length + 1);
                    System.arraycopy(changed, at, longer, at + 1, changed.length - at);
                    longer[at] = (byte) random.nextInt();
                    changed = longer;
                }
                default -> {
                    changed = changed.clone();
                    if (at < changed.length) {
                        changed[at] ^= (byte) (1 << random.nextInt(8));
                    }
                }
            }
        }
        return changed;
    }
}
