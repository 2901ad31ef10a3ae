package dev.livesync.database.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Value;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Held against {@code String(number)} of Node 20: numbers.txt has the bits and the text. */
class NumbersTest {
    @Test
    void writesFloatsAsJavaScriptDoes() throws IOException {
        List<String> lines = lines("numbers.txt");
        assertThat(lines).hasSizeGreaterThan(5_000);
        SoftAssertions all = new SoftAssertions();
        for (String line : lines) {
            int space = line.indexOf(' ');
            double number = Double.longBitsToDouble(Long.parseUnsignedLong(line.substring(0, space), 16));
            StringBuilder out = new StringBuilder();
            Numbers.write(number, out);
            all.assertThat(out.toString()).isEqualTo(line.substring(space + 1));
        }
        all.assertAll();
    }

    @Test
    void makesIntegersOfSafeIntegersOnly() {
        assertThat(Numbers.of(0.0)).isEqualTo(new Value.Int(0));
        assertThat(Numbers.of(-0.0)).isEqualTo(new Value.Int(0));
        assertThat(Numbers.of(9007199254740991.0)).isEqualTo(new Value.Int(9007199254740991L));
        assertThat(Numbers.of(-9007199254740991.0)).isEqualTo(new Value.Int(-9007199254740991L));
        assertThat(Numbers.of(9007199254740992.0)).isEqualTo(new Value.Real(9007199254740992.0));
        assertThat(Numbers.of(-9007199254740992.0)).isEqualTo(new Value.Real(-9007199254740992.0));
        assertThat(Numbers.of(0.5)).isEqualTo(new Value.Real(0.5));
        for (double none : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> Numbers.of(none))
                    .isInstanceOfSatisfying(
                            UnfitValueException.class,
                            e -> assertThat(e.inDocument("x").kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT));
        }
    }

    static List<String> lines(String resource) throws IOException {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(NumbersTest.class.getResourceAsStream(resource), StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        }
    }
}
