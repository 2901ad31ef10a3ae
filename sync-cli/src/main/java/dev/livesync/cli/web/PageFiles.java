package dev.livesync.cli.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Finds the files below one directory by the paths of URLs, and nothing outside of it, wherever links lead. Any thread. */
final class PageFiles {
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "mjs", "text/javascript; charset=utf-8",
            "json", "application/json",
            "svg", "image/svg+xml",
            "png", "image/png");

    private final Path root;

    /** A file that may be shown. */
    record Found(Path file, String type) {}

    PageFiles(Path root) throws IOException {
        this.root = root.toRealPath();
    }

    /** Finds the file at a decoded path of a URL; {@code index.html} for a directory. Empty if there is none to show. */
    Optional<Found> find(String path) throws IOException {
        Path file;
        try {
            file = root.resolve(path.substring(1)).normalize();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
        if (Files.isDirectory(file)) {
            file = file.resolve("index.html");
        }
        String name = file.getFileName() == null ? "" : file.getFileName().toString();
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null || !Files.isRegularFile(file) || !file.toRealPath().startsWith(root)) {
            return Optional.empty();
        }
        return Optional.of(new Found(file, type));
    }
}
