package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random and nearly right bytes for all that reads a stranger's. {@code -Dfuzz.inputs} says how many, {@code -Dfuzz.seed} where
 * to begin: input {@code n} depends on {@code seed + n} alone. What is found with an eye on coverage: {@link JazzerTest}.
 */
class Libp2pFuzzTest {
    private static final FuzzTarget[] TARGETS = FuzzTarget.values();

    @Test
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyInputIsTakenOrRefused() {
        int inputs = Integer.getInteger("fuzz.inputs", 200_000);
        long first = Long.getLong("fuzz.seed", new SecureRandom().nextLong());
        long refused = 0;
        for (long seed = first; seed < first + inputs; seed++) {
            refused += isRefused(seed) ? 1 : 0;
        }
        System.out.printf("%,d inputs from seed %d on, %,d of them refused%n", inputs, first, refused);
        assertThat(refused)
                .as("refused of %d inputs from seed %d on", inputs, first)
                .isBetween(inputs / 10L, inputs * 9L / 10);
    }

    private static boolean isRefused(long seed) {
        try {
            return TARGETS[(int) Math.floorMod(seed, (long) TARGETS.length)].isRefused(() -> new SeededInput(seed));
        } catch (Throwable e) {
            throw new AssertionError("seed " + seed, e);
        }
    }
}
