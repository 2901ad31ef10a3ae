package dev.livesync.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a directory holds, to the byte and to the time of the last change: tells whether anybody wrote. */
record DirectoryContent(TreeMap<String, String> files) {
    static DirectoryContent of(Path directory) {
        TreeMap<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path p : all.toList()) {
                String content = Files.isRegularFile(p) ? Arrays.hashCode(Files.readAllBytes(p)) + "" : "";
                files.put(
                        directory.relativize(p).toString(),
                        Files.getLastModifiedTime(p) + " " + (Files.isRegularFile(p) ? Files.size(p) : 0) + " "
                                + content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new DirectoryContent(files);
    }
}
