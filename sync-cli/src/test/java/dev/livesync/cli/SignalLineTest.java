package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SignalLineTest {
    private static InputStream in(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsTheFirstLineThatIsNotEmptyAndNoFurther() throws IOException {
        InputStream in = in("\r\n\n  abc= \r\nrest");
        assertThat(SignalLine.read(in, "an offer")).isEqualTo("abc=");
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("rest");
        assertThat(SignalLine.read(in("abc="), "an offer")).isEqualTo("abc=");
    }

    @Test
    void saysWhatDidNotCome() {
        assertThatThrownBy(() -> SignalLine.read(in(" \n"), "an answer"))
                .hasMessage("standard input ended before an answer came");
        assertThatThrownBy(() -> SignalLine.read(in("x".repeat((1 << 20) + 1)), "an answer"))
                .hasMessage("the line on standard input is too long for an answer");
    }
}
