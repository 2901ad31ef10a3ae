package dev.livesync.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void theMedianIsInTheMiddle() {
        assertThat(Samples.of(3, 1, 2).median()).isEqualTo(2);
        assertThat(Samples.of(List.of(4L, 1L, 3L, 2L)).median()).isEqualTo(2.5);
    }

    @Test
    void aQuantileIsAMeasuredValue() {
        Samples samples = Samples.of(10, 20, 30, 40, 50, 60, 70, 80, 90, 100);
        assertThat(samples.quantile(0.5)).isEqualTo(50);
        assertThat(samples.quantile(0.99)).isEqualTo(100);
        assertThat(samples.quantile(0)).isEqualTo(10).isEqualTo(samples.min());
        assertThat(samples.quantile(1)).isEqualTo(100).isEqualTo(samples.max());
    }

    @Test
    void nothingMeasuredIsNoSample() {
        assertThatIllegalArgumentException().isThrownBy(Samples::of);
    }

    @Test
    void aTableIsMarkdownAndAligned() {
        assertThat(new Table("what", "ms")
                        .row("sync", "12.5")
                        .row("bare loop", "9")
                        .toString())
                .isEqualTo("""
                        | what      |   ms |
                        |-----------|-----:|
                        | sync      | 12.5 |
                        | bare loop |    9 |
                        """);
    }

    @Test
    void aRowHasAsManyCellsAsTheTable() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Table("a", "b").row("1"));
    }
}
