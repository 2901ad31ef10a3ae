package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinesTest {
    private static List<String> read(InputStream in, int limit) throws IOException {
        Lines lines = new Lines(in, limit);
        List<String> all = new ArrayList<>();
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            all.add(new String(line, StandardCharsets.UTF_8));
            assertThat(lines.number()).isEqualTo(all.size());
        }
        return all;
    }

    /** Gives as little as it may, to find what depends on whole buffers. */
    private static InputStream trickle(byte[] bytes, Random random) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1 + random.nextInt(100_000)));
            }
        };
    }

    @Test
    void splitsAsStringLinesDoes() throws IOException {
        long seed = 20261123;
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(5); i >= 0; i--) {
                text.append("é".repeat(random.nextInt(4) == 0 ? random.nextInt(200_000) : random.nextInt(20)));
                text.append(i > 0 || random.nextBoolean() ? "\n" : "");
            }
            assertThat(read(trickle(text.toString().getBytes(StandardCharsets.UTF_8), random), 1 << 20))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(text.toString().lines().toList());
        }
    }

    @Test
    void aLineOverTheLimitIsRefusedByItsNumber() {
        byte[] text = ("short\n" + "x".repeat(200_001) + "\nshort").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> read(new ByteArrayInputStream(text), 200_000))
                .hasMessage("line 2 is longer than 200000 bytes (a record is one line)");
    }

    @Test
    void aLineAtTheLimitIsNot() throws IOException {
        byte[] text = "x".repeat(200_000).getBytes(StandardCharsets.UTF_8);
        assertThat(read(new ByteArrayInputStream(text), 200_000)).hasSize(1);
    }
}
