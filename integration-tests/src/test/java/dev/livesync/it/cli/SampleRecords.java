package dev.livesync.it.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Records to import: ids in order, contents from a seed. */
final class SampleRecords {
    private SampleRecords() {}

    static String id(int i) {
        return String.format(Locale.ROOT, "doc-%06d", i);
    }

    static String record(int i, Random random) {
        return "{\"_id\":\"" + id(i) + "\",\"n\":" + i + ",\"name\":\"" + Long.toString(random.nextLong(), 36)
                + "\",\"tags\":[\"" + Integer.toString(random.nextInt(), 36) + "\",true,null],\"x\":"
                + random.nextDouble() + "}";
    }

    /** Writes JSON Lines. */
    static Path file(Path file, int count, long seed) throws IOException {
        Random random = new Random(seed);
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < count; i++) {
                out.write(record(i, random) + "\n");
            }
        }
        return file;
    }

    static Path lines(Path file, String... lines) throws IOException {
        return Files.write(file, List.of(lines));
    }

    /** Lines that give {@code count} of the documents another content. */
    static Path edits(Path file, int count, int total, String mark, long seed) throws IOException {
        Random random = new Random(seed);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add("{\"_id\":\"" + id(random.nextInt(total)) + "\",\"edited\":\"" + mark + " " + i + "\"}");
        }
        return Files.write(file, lines);
    }
}
