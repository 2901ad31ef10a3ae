package dev.livesync.core.presence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void givesNoMoreThanItsRateAndWhatItHoldsHoweverOftenItIsAsked() {
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            long rate = 1 + random.nextLong(100_000);
            long most = 1 + random.nextLong(100_000);
            long start = random.nextLong() / 4;
            TokenBucket bucket = new TokenBucket(rate, most, start);
            long taken = 0;
            long now = start;
            for (int i = 0; i < 500; i++) {
                now += random.nextLong(SECOND / 20);
                long wanted = random.nextLong(most + 1);
                if (bucket.take(wanted, now)) {
                    taken += wanted;
                } else {
                    long when = bucket.when(wanted, now);
                    assertThat(when - now).as("seed %d", seed).isPositive();
                    assertThat(new TokenBucket(rate, most, start).available(start))
                            .isEqualTo(most);
                    now = when;
                    assertThat(bucket.take(wanted, now))
                            .as("seed %d: then", seed)
                            .isTrue();
                    taken += wanted;
                }
                double limit = most + (double) (now - start) / SECOND * rate;
                assertThat((double) taken).as("seed %d", seed).isLessThanOrEqualTo(limit + 1e-6 * limit + 1);
            }
        }
    }
}
