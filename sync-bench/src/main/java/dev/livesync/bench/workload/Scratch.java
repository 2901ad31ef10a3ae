package dev.livesync.bench.workload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder for as long as a workload runs. */
public final class Scratch implements AutoCloseable {
    private final Path folder;
    private int names;

    /**
     * A new, empty one.
     *
     * @param parent where; on the disk that is to be measured
     * @throws IOException if it cannot be made
     */
    public Scratch(Path parent) throws IOException {
        this.folder = Files.createTempDirectory(parent, "livesync-bench-");
    }

    /**
     * A path in it that does not exist yet.
     *
     * @return a new one each time
     */
    public Path next() {
        return folder.resolve(Integer.toString(names++));
    }

    /**
     * Deletes a path that was given out, and what is in it.
     *
     * @param path need not exist
     * @throws IOException if something cannot be deleted
     */
    public static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> walk = Files.walk(path)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path one : all) {
            Files.deleteIfExists(one);
        }
    }

    @Override
    public void close() {
        try {
            delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
