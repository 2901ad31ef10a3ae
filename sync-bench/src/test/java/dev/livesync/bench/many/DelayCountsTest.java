package dev.livesync.bench.many;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.livesync.bench.report.Samples;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class DelayCountsTest {
    @Test
    void quantilesAreThoseOfTheDelaysToOnePartInAHundred() {
        Random random = new Random(1);
        double[] millis = new double[10_000];
        DelayCounts some = new DelayCounts();
        DelayCounts others = new DelayCounts();
        for (int i = 0; i < millis.length; i++) {
            long micros = (long) Math.exp(random.nextDouble() * 15);
            millis[i] = micros / 1e3;
            (i % 2 == 0 ? some : others).add(micros);
        }
        some.addAll(others.counts());
        assertThat(some.total()).isEqualTo(millis.length);
        for (double share : new double[] {0.01, 0.5, 0.99, 1}) {
            double expected = Samples.of(millis).quantile(share);
            assertThat(some.quantile(share))
                    .isCloseTo(expected, Percentage.withPercentage(1.1))
                    .isGreaterThanOrEqualTo(expected);
        }
    }

    @Test
    void clocksThatDisagreeAndNoDelaysAtAllAreNoErrors() {
        DelayCounts counts = new DelayCounts();
        assertThat(counts.quantile(0.5)).isZero();
        counts.add(-5);
        assertThat(counts.quantile(0.5)).isCloseTo(0.001, within(0.0001));
    }
}
