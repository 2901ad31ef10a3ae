package dev.livesync.it.hubs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Three PostgreSQL nodes of {@code integration-tests/postgres}, with a supervisor. */
final class PostgresNodes implements AutoCloseable {
    private static final Path SCRIPTS =
            Path.of("..", "integration-tests", "postgres").toAbsolutePath().normalize();

    private final Path directory;
    private final List<String> ports;
    private final String url;
    private @Nullable Process supervisor;

    private PostgresNodes(Path directory, List<String> ports, String url) {
        this.directory = directory;
        this.ports = ports;
        this.url = url;
    }

    /** Three of them, or one. */
    static PostgresNodes start(int nodes) throws Exception {
        return start(Map.of("NODES", String.valueOf(nodes)));
    }

    /** With what {@code up} reads from its environment. */
    static PostgresNodes start(Map<String, String> environment) throws Exception {
        List<String> lines = run(environment, "up");
        return new PostgresNodes(
                Path.of(lines.get(0).substring("directory ".length())),
                List.of(lines.get(1).substring("ports ".length()).split(" ")),
                lines.get(2));
    }

    /** From now on a dead node is replaced and brought back. */
    PostgresNodes supervised() throws IOException {
        supervisor = new ProcessBuilder(SCRIPTS.resolve("supervisor").toString(), directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("supervisor.out").toFile())
                .start();
        return this;
    }

    /** For JDBC, all three. */
    String url() {
        return url;
    }

    Path directory() {
        return directory;
    }

    /** Where a node listens. */
    int port(int node) {
        return Integer.parseInt(ports.get(node - 1));
    }

    /** The number of the node that is the primary. */
    int primary() throws IOException {
        return Integer.parseInt(Files.readString(directory.resolve("primary")).strip());
    }

    /** Kills the primary, and waits until all three serve again. */
    String failover() throws Exception {
        List<String> lines = run("failover", directory.toString());
        return lines.get(lines.size() - 1);
    }

    /** Runs something with the functions of {@code postgres/nodes}, such as {@code fence 2}. */
    String shell(String commands) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                "bash", "-c", ". " + SCRIPTS.resolve("nodes") + "; enter " + directory + "\n" + commands);
        return String.join("\n", lines(builder, commands));
    }

    /** What a node answers. */
    String query(int node, String sql) throws Exception {
        Path debian = Path.of("/usr/lib/postgresql/15/bin/psql");
        String psql = Files.isExecutable(debian) ? debian.toString() : "psql";
        return String.join(
                "\n",
                lines(
                        new ProcessBuilder(
                                psql,
                                "-X",
                                "-h",
                                "127.0.0.1",
                                "-p",
                                ports.get(node - 1),
                                "-U",
                                "livesync",
                                "-d",
                                "livesync",
                                "-v",
                                "ON_ERROR_STOP=1",
                                "-Atc",
                                sql),
                        "psql"));
    }

    private static List<String> run(String script, String... arguments) throws Exception {
        return run(Map.of(), script, arguments);
    }

    private static List<String> run(Map<String, String> environment, String script, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(SCRIPTS.resolve(script).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        // Processes are killed here, and machines are not.
        builder.environment().put("FSYNC", "off");
        builder.environment().putAll(environment);
        return lines(builder, script);
    }

    private static List<String> lines(ProcessBuilder builder, String what) throws Exception {
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(3, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError(what + " failed: " + text);
        }
        return text.lines().toList();
    }

    @Override
    public void close() throws Exception {
        run("down", directory.toString());
        if (supervisor != null && !supervisor.waitFor(1, TimeUnit.MINUTES)) {
            throw new AssertionError("the supervisor goes on");
        }
    }
}
