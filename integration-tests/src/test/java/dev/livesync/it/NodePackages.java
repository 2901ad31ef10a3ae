package dev.livesync.it;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Installs the packages of npm's that tests need, from lock files: once, and again when a lock file has changed. The build runs this file
 * before tests, as {@code java NodePackages.java ROOT FOLDER...}, without anything on the class path. Where Node or npm is missing, or
 * npm fails, it says so and nothing more: the tests that need them are skipped, and the end of the build counts those.
 */
final class NodePackages {
    private static final String LOCK = "package-lock.json";

    private final Path folder;
    private final String name;

    private NodePackages(Path root, String name) {
        this.folder = root.resolve(name);
        this.name = name;
    }

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]).toAbsolutePath().normalize();
        for (String folder : Arrays.asList(args).subList(1, args.length)) {
            new NodePackages(root, folder).install(root);
        }
    }

    private void install(Path root) throws Exception {
        if (isInstalled()) {
            return;
        }
        List<String> missing = List.of("node", "npm").stream()
                .filter(program -> !isOnPath(program))
                .toList();
        if (!missing.isEmpty()) {
            System.err.println("Tests that need " + name + " will be skipped: there is no "
                    + String.join(" and no ", missing) + " on the path");
            return;
        }
        Path locks = Files.createDirectories(root.resolve("target"));
        // One build at a time; another process may have been faster.
        try (FileChannel channel = FileChannel.open(
                        locks.resolve("npm-" + name.replace('/', '-') + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (lock.isValid() && !isInstalled()) {
                npm();
            }
        }
    }

    /** By us from this very lock file, or by hand after it was written. */
    private boolean isInstalled() throws IOException {
        Path lock = folder.resolve(LOCK);
        Path byNpm = folder.resolve("node_modules/." + LOCK);
        return Files.exists(mark()) && Files.readString(mark()).equals(hash(lock))
                || Files.exists(byNpm)
                        && Files.getLastModifiedTime(byNpm).compareTo(Files.getLastModifiedTime(lock)) >= 0;
    }

    private Path mark() {
        return folder.resolve("node_modules/.livesync-lock");
    }

    private static String hash(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (GeneralSecurityException e) {
            throw new IOException("this Java has no SHA-256", e);
        }
    }

    private void npm() throws Exception {
        System.err.println("npm ci in " + name + ", once ...");
        String expected = hash(folder.resolve(LOCK));
        Process process = new ProcessBuilder("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() == 0) {
            Files.writeString(mark(), expected);
        } else {
            System.err.println("npm ci in " + name + " failed; tests that need it will be skipped or fail: "
                    + said.strip()
                            .lines()
                            .limit(3)
                            .reduce("", (a, b) -> a + " " + b)
                            .strip());
        }
    }

    private static boolean isOnPath(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(part -> Files.isExecutable(Path.of(part, program)));
    }
}
