package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SignalInputTest {
    private static final String JSON =
            "{\"type\":\"offer\",\"sdp\":\"v=0 \\\"}{ \\\\\",\"livesync\":{\"id\":\"x\",\"a\":[{}]}}";

    private static InputStream in(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String base64(String json) {
        return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.US_ASCII));
    }

    private static String fold(String text, int width, String before, String end) {
        StringBuilder lines = new StringBuilder();
        for (int at = 0; at < text.length(); at += width) {
            lines.append(before)
                    .append(text, at, Math.min(text.length(), at + width))
                    .append(end);
        }
        return lines.toString();
    }

    /** Whoever types into a terminal or a pipe that stays open is not made to wait: reading more than is there would block. */
    @SuppressWarnings("InputStreamSlowMultibyteRead") // a read of many ends at what is there, which is the point
    private static InputStream open(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)) {
            @Override
            public synchronized int read() {
                if (available() == 0) {
                    throw new AssertionError("waits for more");
                }
                return super.read();
            }
        };
    }

    /** What is left when the core has cleaned it; that it does is its own test. */
    private static String digits(String text) {
        return text.replaceAll("[^A-Za-z0-9+/]", "");
    }

    @Test
    void takesASignalHoweverItWasCarried() throws IOException {
        for (int padding = 0; padding < 3; padding++) {
            String signal = base64("{\"p\":\"" + "x".repeat(padding) + "\"," + JSON.substring(1));
            for (String carried : List.of(
                    signal,
                    signal.replace("=", ""),
                    "\"" + signal + "\"",
                    "'" + signal + "'\n",
                    "`" + signal + "`",
                    "“" + signal + "”\n",
                    "<" + signal + ">\n",
                    "\ufeff" + signal,
                    "\n \r\n\t" + signal + " \n",
                    fold(signal, 76, "", "\n"),
                    fold(signal, 76, "", "\r\n"),
                    fold(signal, 10, "    ", "\n"),
                    fold(signal, 76, "> ", "\r\n"),
                    fold(signal, 72, ">> > ", "\n"),
                    fold(signal, 75, "", "=\r\n"),
                    fold(signal, 7, "\u00a0\u200b", " \\\n"))) {
                assertThat(digits(SignalInput.read(open(carried), "an offer")))
                        .as(carried)
                        .isEqualTo(signal.replace("=", ""));
            }
        }
    }

    @Test
    void takesWhatTheOtherCommandPrintsAsJson() throws IOException {
        String signal = base64(JSON);
        for (String line : List.of("{\"offer\":\"" + signal + "\"}", "{\n  \"answer\" : \"" + signal + "\"\n}\n")) {
            assertThat(SignalInput.read(open(line), "an offer")).isEqualTo(signal);
        }
    }

    @Test
    void readsNoFurtherThanTheEndOfItsLine() throws IOException {
        String signal = base64(JSON);
        InputStream in = in(signal + " \r\nrest");
        assertThat(SignalInput.read(in, "an offer")).startsWith(signal.replace("=", ""));
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("rest");
    }

    @Test
    void whatIsNoSignalIsHandedOnAfterItsLine() throws IOException {
        assertThat(SignalInput.read(open("this is no offer!\n"), "an offer")).isEqualTo("this is no offer!");
        assertThat(SignalInput.read(open("\nabcd\n"), "an offer")).isEqualTo("abcd");
        assertThat(SignalInput.read(in("eyJ0eXBl"), "an offer")).isEqualTo("eyJ0eXBl");
        assertThat(SignalInput.read(in("eyJ0eXBl\n"), "an offer")).isEqualTo("eyJ0eXBl");
    }

    @Test
    void randomBreaksChangeNothing() throws IOException {
        long seed = 20261128;
        Random random = new Random(seed);
        String signal = base64(JSON);
        List<String> noise = List.of(" ", "\n", "\r\n", "\t", "\n> ", "\n    ", "\"", "\n\n", "'");
        for (int round = 0; round < 300; round++) {
            StringBuilder carried = new StringBuilder(signal);
            for (int i = random.nextInt(20); i > 0; i--) {
                carried.insert(random.nextInt(signal.length()), noise.get(random.nextInt(noise.size())));
            }
            assertThat(digits(SignalInput.read(open(carried.toString()), "an offer")))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(signal.replace("=", ""));
        }
    }

    @Test
    void saysWhatDidNotCome() {
        assertThatThrownBy(() -> SignalInput.read(in(" \n"), "an answer"))
                .hasMessage("standard input ended before an answer came");
        assertThatThrownBy(() -> SignalInput.read(in("eyJ0" + "A".repeat(1 << 21)), "an answer"))
                .hasMessage("what came on standard input is too long for an answer");
        assertThatThrownBy(() -> SignalInput.read(in("\n".repeat(1 << 21)), "an answer"))
                .hasMessage("what came on standard input is too long for an answer");
    }
}
