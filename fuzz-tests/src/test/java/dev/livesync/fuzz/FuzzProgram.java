package dev.livesync.fuzz;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Jazzer runs, in a process of its own. Its argument is a target's name. {@code scripts/fuzz} also calls {@link #main}. */
public final class FuzzProgram {
    static final String SEED = "seed-";

    private static final int JAZZERS_SLACK = 16;

    private static FuzzedReader reader;

    private FuzzProgram() {}

    /**
     * Prints the names of all targets, or writes seeds.
     *
     * @param arguments none, or the folder of corpora
     * @throws IOException if the folder cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        for (FuzzedReader target : FuzzedReaders.ALL) {
            System.out.println(target.name());
            if (arguments.length > 0) {
                write(target, Files.createDirectories(Path.of(arguments[0], target.name())));
            }
        }
    }

    private static void write(FuzzedReader target, Path folder) throws IOException {
        try (DirectoryStream<Path> old = Files.newDirectoryStream(folder, SEED + "*")) {
            for (Path file : old) {
                Files.delete(file);
            }
        }
        int number = 0;
        for (byte[] seed : target.seeds().get()) {
            Files.write(folder.resolve(SEED + number++), seed);
        }
    }

    /**
     * Jazzer calls it once.
     *
     * @param arguments the target
     */
    public static void fuzzerInitialize(String[] arguments) {
        reader = arguments[0].equals(PlantedReaders.PREFIX + "length")
                ? PlantedReaders.LENGTH
                : FuzzedReaders.named(arguments[0]);
    }

    /**
     * Jazzer calls it for each input.
     *
     * @param input read and not kept
     */
    public static void fuzzerTestOneInput(byte[] input) {
        Verdicts.isRefused(reader, input, JAZZERS_SLACK);
    }
}
