package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    @Test
    void aFewAtOnceThenOneNowAndAgainWithTheCountOfTheOthers() {
        AtomicLong time = new AtomicLong();
        Throttle throttle = new Throttle(time::get);
        for (int i = 0; i < 10; i++) {
            assertThat(throttle.admit()).hasValue(0);
        }
        for (int i = 0; i < 99; i++) {
            assertThat(throttle.admit()).isEmpty();
        }
        time.addAndGet(Duration.ofSeconds(10).toNanos());
        assertThat(throttle.admit()).hasValue(99);
        assertThat(throttle.admit()).isEmpty();
        time.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(throttle.admit()).hasValue(1);
        for (int i = 0; i < 9; i++) {
            assertThat(throttle.admit()).hasValue(0);
        }
        assertThat(throttle.admit()).isEmpty();
        assertThat(throttle.rest()).isEqualTo(1);
        assertThat(throttle.rest()).isZero();
    }
}
