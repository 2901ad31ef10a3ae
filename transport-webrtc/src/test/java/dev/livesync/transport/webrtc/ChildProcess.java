package dev.livesync.transport.webrtc;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Java program in a process of its own: what crashes there fails a test and not the run. */
final class ChildProcess {
    private static final long PATIENCE_SECONDS = 300;

    private ChildProcess() {}

    /** How it ended and what it said, without what the native library says when a process ends. */
    record Result(int exit, String said) {}

    static Result run(List<String> arguments) throws IOException, InterruptedException {
        return run(new ProcessBuilder(command(arguments)));
    }

    static Result run(ProcessBuilder builder) throws IOException, InterruptedException {
        Path log = java.nio.file.Files.createTempFile("livesync-child-", ".log");
        Process process =
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("it does not end by itself; so far: " + java.nio.file.Files.readString(log));
            }
            return new Result(process.exitValue(), withoutFarewell(java.nio.file.Files.readString(log)));
        } finally {
            process.destroyForcibly();
            java.nio.file.Files.deleteIfExists(log);
        }
    }

    private static String withoutFarewell(String said) {
        return said.replaceAll("VM attach current thread failed\\R|Failed to attach thread [0-9]+\\R", "");
    }

    static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // A crash has nobody to read its core, and its log belongs to the build.
        command.add("-XX:ErrorFile=target/hs_err_%p.log");
        command.add("-XX:-CreateCoredumpOnCrash");
        // JDK 24 and later warn otherwise.
        command.add("--enable-native-access="
                + (arguments.contains("--module-path") ? "dev.livesync.transport.webrtc,webrtc.java" : "ALL-UNNAMED"));
        command.addAll(arguments);
        return command;
    }

    /** A program of {@code dev.livesync.test.program} on the class path. */
    static List<String> onClassPath(Class<?> program, List<String> options, Object... arguments) {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        Arrays.stream(arguments).map(String::valueOf).forEach(all::add);
        return all;
    }

    /** Parts of the class path: what the transport needs to run, or the rest. */
    static String path(boolean libraries) {
        return String.join(
                File.pathSeparator,
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> isLibrary(entry) == libraries)
                        .toList());
    }

    private static boolean isLibrary(String entry) {
        String path = entry.replace(File.separatorChar, '/');
        boolean ours = path.endsWith("/classes")
                || path.matches(".*/(sync-api|transport-support|transport-webrtc)-[^/]*(?<!tests)\\.jar");
        return (ours && !path.matches(".*/(transport-memory|sync-tck)/.*"))
                || path.matches(".*/(webrtc-java|jspecify)-[^/]*\\.jar");
    }
}
