package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** To whom there was no path, and for how long that is remembered. */
class PathMemoryTest {
    private long now = Long.MAX_VALUE - Duration.ofMinutes(2).toNanos(); // nanoseconds overflow
    private Set<String> networks = Set.of("home");
    private final PathMemory memory = new PathMemory(() -> now, () -> networks);

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void eachPauseIsTwiceTheOneBeforeUpToSixteenMinutes() {
        assertThat(memory.isVain("a")).isFalse();
        for (int minutes : new int[] {1, 2, 4, 8, 16, 16, 16}) {
            memory.failed("a");
            pass(Duration.ofMinutes(minutes).minusNanos(1));
            assertThat(memory.isVain("a")).as("before %d minutes", minutes).isTrue();
            assertThat(memory.isVain("b")).isFalse();
            pass(Duration.ofNanos(1));
            assertThat(memory.isVain("a")).as("after %d minutes", minutes).isFalse();
        }
        memory.found("a");
        memory.failed("a");
        pass(PathMemory.FIRST_PAUSE);
        assertThat(memory.isVain("a")).as("it began anew").isFalse();
    }

    @Test
    void anotherNetworkMakesItForgetEverybody() {
        memory.failed("a");
        memory.failed("b");
        networks = Set.of("work");
        assertThat(memory.isVain("a")).isFalse();
        memory.failed("b");
        assertThat(memory.isVain("b")).isTrue();
        networks = Set.of("home");
        memory.failed("a");
        assertThat(memory.isVain("b")).isFalse();
        assertThat(memory.isVain("a")).isTrue();
    }

    @Test
    void ofManyTheOneThatWasTriedLongestAgoIsForgotten() {
        for (int i = 0; i < PathMemory.MOST; i++) {
            memory.failed("p" + i);
        }
        memory.failed("p0");
        memory.failed("one more");
        assertThat(memory.isVain("p1")).isFalse();
        assertThat(memory.isVain("p0")).isTrue();
        assertThat(memory.isVain("p2")).isTrue();
        for (int i = 0; i < 10 * PathMemory.MOST; i++) {
            memory.failed("q" + i);
        }
        assertThat(memory.isVain("p0")).isFalse();
        assertThat(memory.isVain("q" + (10 * PathMemory.MOST - 1))).isTrue();
    }
}
