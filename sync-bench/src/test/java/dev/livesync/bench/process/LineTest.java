package dev.livesync.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class LineTest {
    @Test
    void whatWasWrittenIsRead() {
        Line line = Line.of("open").with("path", "/a dir/ü=1\n").with("n", 3).withAll("times", new long[] {1, -2});
        assertThat(line.toString()).doesNotContain("\n");
        Line read = Line.parse(line.toString());
        assertThat(read).isEqualTo(line);
        assertThat(read.text("path")).isEqualTo("/a dir/ü=1\n");
        assertThat(read.count("n")).isEqualTo(3);
        assertThat(read.numbers("times")).containsExactly(1, -2);
    }

    @Test
    void noNumbersAreNoNumbers() {
        assertThat(Line.parse(Line.of("ok").withAll("times", new long[0]).toString())
                        .numbers("times"))
                .isEmpty();
    }

    @Test
    void whatIsAbsentIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Line.of("open").text("path"))
                .withMessage("'open' without 'path'");
    }
}
