package dev.livesync.replica.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A PostgreSQL node of the test's own, on the loopback interface, not as root, with nothing outside its folder. */
public final class PostgresServer implements AutoCloseable {
    private static final int ATTEMPTS = 5;
    private static final int PATIENCE_SECONDS = 60;

    private final Path programs;
    private final Path folder;
    private final int port;
    private Process process;

    private PostgresServer(Path programs, Path folder, int port) throws IOException {
        this.programs = programs;
        this.folder = folder;
        this.port = port;
        this.process = launch();
    }

    /**
     * Where its programs are: on the path, or where Debian puts them.
     *
     * @return the folder with {@code initdb} and {@code postgres}
     */
    public static Optional<Path> programs() {
        List<Path> folders = new ArrayList<>();
        for (String folder : System.getenv("PATH").split(":", -1)) {
            folders.add(Path.of(folder));
        }
        Path debian = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(debian)) {
            try (Stream<Path> versions = Files.list(debian)) {
                versions.sorted(Comparator.reverseOrder()).forEach(v -> folders.add(v.resolve("bin")));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
        return folders.stream()
                .filter(f -> Files.isExecutable(f.resolve("initdb")) && Files.isExecutable(f.resolve("postgres")))
                .findFirst()
                .map(PostgresServer::installed);
    }

    /** A path may hold links to some of them: all are beside what is linked to. */
    private static Path installed(Path folder) {
        try {
            return folder.resolve("initdb").toRealPath().getParent();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Creates one and starts it.
     *
     * @return a server that answers
     */
    public static PostgresServer start() throws IOException, InterruptedException {
        Path programs = programs().orElseThrow();
        Path folder = Files.createTempDirectory("livesync-postgres");
        if (isRoot()) {
            run(List.of("chown", "nobody:nogroup", folder.toString()));
        }
        run(asNobody(List.of(
                programs.resolve("initdb").toString(),
                "-D",
                folder.resolve("data").toString(),
                "-U",
                "livesync",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions")));
        return started(programs, folder);
    }

    /**
     * Starts another node that follows this one.
     *
     * @return a standby that answers, and may not have replayed everything yet
     */
    public PostgresServer standby() throws IOException, InterruptedException {
        Path copy = Files.createTempDirectory("livesync-standby");
        if (isRoot()) {
            run(List.of("chown", "nobody:nogroup", copy.toString()));
        }
        run(asNobody(List.of(
                programs.resolve("pg_basebackup").toString(),
                "-d",
                "host=127.0.0.1 user=livesync port=" + port,
                "-D",
                copy.resolve("data").toString(),
                "-c",
                "fast",
                "-X",
                "stream",
                "-R",
                "--no-sync")));
        return started(programs, copy);
    }

    private static PostgresServer started(Path programs, Path folder) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            PostgresServer server = new PostgresServer(programs, folder, FreePort.find());
            try {
                server.awaitReady();
                return server;
            } catch (IOException e) {
                server.kill();
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static List<String> asNobody(List<String> command) {
        if (!isRoot()) {
            return command;
        }
        List<String> all = new ArrayList<>(
                List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "env", "HOME=/tmp"));
        all.addAll(command);
        return all;
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .directory(Path.of("/").toFile())
                .start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + " failed: " + said);
        }
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(asNobody(List.of(
                        programs.resolve("postgres").toString(),
                        "-D",
                        folder.resolve("data").toString(),
                        "-p",
                        Integer.toString(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "shared_buffers=32MB",
                        "-c",
                        "max_connections=200",
                        "-c",
                        "full_page_writes=off",
                        "-c",
                        "autovacuum=off",
                        // What the kernel has, outlives a killed server; nobody pulls this machine's plug.
                        "-c",
                        "fsync=off")))
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolveSibling(folder.getFileName() + ".log").toFile()))
                .start();
    }

    private void awaitReady() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (process.isAlive() && System.nanoTime() < deadline) {
            try (Connection connection = connect()) {
                if (connection.isValid(PATIENCE_SECONDS)) {
                    return;
                }
            } catch (SQLException e) {
                Thread.onSpinWait();
            }
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        throw new IOException("PostgreSQL does not answer: "
                + Files.readString(folder.resolveSibling(folder.getFileName() + ".log")));
    }

    /**
     * Its port on the loopback interface.
     *
     * @return the port
     */
    public int port() {
        return port;
    }

    /**
     * Its folder of programs.
     *
     * @return with {@code pg_dump} and all else
     */
    public Path bin() {
        return programs;
    }

    /**
     * How to connect.
     *
     * @return a JDBC URL
     */
    public String url() {
        return url(port);
    }

    /**
     * How to connect through somebody in between.
     *
     * @param proxy its port
     * @return a JDBC URL
     */
    public String url(int proxy) {
        return url(proxy, "postgres");
    }

    static String url(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=livesync";
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url());
    }

    /** Runs statements. */
    void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Ends it as a crash does, and starts it again. */
    void crash() throws IOException {
        kill();
        process = launch();
        awaitReady();
    }

    private void kill() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(0, process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(p -> p.onExit().join());
    }

    /** Ends it as a crash does, and removes what it has stored. Idempotent. */
    @Override
    public void close() throws IOException {
        kill();
        if (Files.notExists(folder)) {
            return;
        }
        Files.deleteIfExists(folder.resolveSibling(folder.getFileName() + ".log"));
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
