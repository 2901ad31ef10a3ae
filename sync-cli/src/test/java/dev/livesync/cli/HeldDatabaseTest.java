package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a database that is open elsewhere run there. */
class HeldDatabaseTest {
    @TempDir
    private Path directory;

    private final Shell shell = new Shell();
    private final ByteArrayOutputStream notes = new ByteArrayOutputStream();

    private ServedDatabase serve(Path db) {
        return ServedDatabase.open(
                db,
                new Console(
                        InputStream.nullInputStream(),
                        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                        new PrintStream(notes, false, StandardCharsets.UTF_8),
                        Map.of(),
                        () -> false),
                "listen",
                (console, arguments) -> new LiveSync(console).run(arguments.toArray(new String[0])));
    }

    /** What each command says and stores is the same, whoever has the database open. */
    @Test
    void everyCommandDoesWhatItDoesWithoutAHolder() throws IOException {
        Files.writeString(directory.resolve("in.json"), "{\"_id\":\"a\",\"n\":1}\n{\"_id\":\"b\",\"n\":2}\n");
        Files.writeString(directory.resolve("text"), "twelve bytes");
        Path alone = Files.createDirectory(directory.resolve("alone"));
        List<String> expected = session(alone);
        Path shared = Files.createDirectory(directory.resolve("shared"));
        List<String> through;
        try (ServedDatabase served = serve(shared.resolve("db"))) {
            through = session(shared);
            assertThat(served.database().all()).hasSize(4);
        }
        assertThat(through).isEqualTo(expected);
        assertThat(shell.lines("restore", shared.resolve("b.car"), directory.resolve("restored")))
                .hasSize(1);
        assertThat(shell.lines("export", directory.resolve("restored")))
                .isEqualTo(shell.lines("export", shared.resolve("db")));
        assertThat(notes.toString(StandardCharsets.UTF_8)).isEmpty();
        try (Stream<Path> left = Files.list(shared.resolve("db"))) {
            assertThat(left.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains("control"));
        }
    }

    private List<String> session(Path folder) throws IOException {
        Path db = folder.resolve("db");
        Path in = directory.resolve("in.json");
        List<String> said = new ArrayList<>();
        said.add(run("import", db, in));
        said.add(run("put", db, "c", "{\"t\":\"\\u0007\"}"));
        shell.input("{\"from\":\"stdin\"}");
        said.add(run("put", db, "d"));
        shell.input("{\"_id\":\"e\"}\n");
        said.add(run("import", db, "-"));
        shell.input("");
        said.add(run("delete", db, "e"));
        said.add(run("delete", db, "none"));
        said.add(run("get", db, "c"));
        said.add(run("get", db, "none", "--json"));
        said.add(run("query", db, "--where", "n>1"));
        said.add(run("export", db));
        said.add(run("export", db, "--car", folder.resolve("e.car")));
        said.add(run("backup", db, folder.resolve("none").resolve("b.car")));
        said.add(run("attach", db, "a", "file", directory.resolve("text"), "--type", "text/plain"));
        said.add(run("attach", db, "a", "file", directory.resolve("absent"), "--type", "text/plain"));
        said.add(run("extract", db, "a", "file", folder.resolve("out")));
        said.add(Files.readString(folder.resolve("out")));
        said.add(run("extract", db, "a", "file", folder.resolve("out")));
        said.add(run("extract", db, "a", "file", folder.resolve("out"), "--force"));
        said.add(run("log", db));
        said.add(run("backup", db, folder.resolve("b.car")));
        said.add(run("log", db, "--svg", folder.resolve("log.svg")));
        said.add(run("conflicts", db));
        said.add(run("get", db));
        said.add(run("get", db, "--help"));
        said.add(run("status", db));
        assertThat(Files.size(folder.resolve("log.svg"))).isPositive();
        String ids = "\\b(bafy\\w+|\\d+ bytes|bytes \\d+)";
        return said.stream()
                .map(text -> text.replace(folder.toString(), "F").replaceAll(ids, "~"))
                .toList();
    }

    private String run(Object... words) {
        int code = shell.run(words);
        return code + "|" + shell.out() + "|" + shell.err();
    }

    @Test
    void twentyAtOnceLoseNothing() throws Exception {
        Path db = directory.resolve("db");
        ExecutorService threads = Executors.newFixedThreadPool(20);
        try (ServedDatabase served = serve(db)) {
            List<CompletableFuture<Integer>> codes = IntStream.range(0, 20)
                    .mapToObj(n -> CompletableFuture.supplyAsync(() -> puts(db, n), threads))
                    .toList();
            for (CompletableFuture<Integer> code : codes) {
                assertThat(code.get(60, TimeUnit.SECONDS)).isZero();
            }
            assertThat(served.database().all()).hasSize(40);
        } finally {
            threads.shutdownNow();
        }
    }

    private static int puts(Path db, int n) {
        Shell own = new Shell();
        int failed = 0;
        for (int i = 0; i < 2; i++) {
            failed += own.run("put", db, n + "-" + i, "{}");
        }
        return failed;
    }

    @Test
    void aWatchSeesWhatAnotherCommandPuts() throws Exception {
        Path db = directory.resolve("db");
        Shell watching = new Shell();
        try (ServedDatabase served = serve(db)) {
            CompletableFuture<Integer> watch =
                    CompletableFuture.supplyAsync(() -> watching.run("watch", db, "--limit", "1", "--every", "50"));
            for (int n = 0; !watch.isDone(); n++) {
                assertThat(shell.run("put", db, "a", "{\"n\":" + n + "}")).isZero();
            }
            assertThat(watch.get(60, TimeUnit.SECONDS)).isZero();
            assertThat(watching.out()).startsWith("put \"a\" here");
        }
    }

    @Test
    void aDirectoryWithALongNameIsReachedAndOnlyItsOwnerMayEnter() throws IOException {
        Path db = directory.resolve("x".repeat(120)).resolve("y".repeat(120));
        try (ServedDatabase served = serve(db)) {
            assertThat(shell.lines("put", db, "a", "{}")).containsExactly("stored a");
            assertThat(served.database().get("a")).isPresent();
            Path folder = db.resolve("livesync.control");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("socket"))))
                    .isEqualTo("rw-------");
        }
    }

    /** As after kill -9: the file is there, and nobody behind it. */
    @Test
    void aSocketThatWasLeftBehindIsPassedByAndTakenOver() throws IOException {
        Path db = directory.resolve("db");
        try (ServedDatabase served = serve(db)) {
            served.database().put("a", "{}");
            Files.createDirectories(directory.resolve("left"));
            Files.move(db.resolve("livesync.control").resolve("socket"), directory.resolve("left/socket"));
        }
        Files.createDirectory(db.resolve("livesync.control"));
        Files.move(directory.resolve("left/socket"), db.resolve("livesync.control/socket"));
        assertThat(shell.lines("put", db, "b", "{}")).containsExactly("stored b");
        try (ServedDatabase served = serve(db)) {
            assertThat(shell.lines("put", db, "c", "{}")).containsExactly("stored c");
            assertThat(served.database().all()).hasSize(3);
        }
    }

    @Test
    void whereThereCanBeNoSocketThatIsSaidAndTheDatabaseIsServedAllTheSame() throws IOException {
        Path db = directory.resolve("db");
        Database.open(db).close();
        Files.writeString(db.resolve("livesync.control"), "in the way");
        try (ServedDatabase served = serve(db)) {
            served.database().put("a", "{}");
            assertThat(notes.toString(StandardCharsets.UTF_8))
                    .contains("no socket in " + db)
                    .contains("is no folder");
            assertThat(shell.lines("get", db, "a")).containsExactly("{\"_id\":\"a\"}");
            assertThat(shell.run("put", db, "b", "{}")).isEqualTo(1);
            assertThat(shell.err()).contains("in use");
        }
    }

    @Test
    void whatNeedsTheDirectoryForItselfSaysThatItIsInUse() {
        Path db = directory.resolve("db");
        try (ServedDatabase served = serve(db)) {
            String event = served.database().put("a", "{}").toString();
            for (Object[] words : List.<Object[]>of(
                    new Object[] {"forget", db, event},
                    new Object[] {"verify", db, "--repair"},
                    new Object[] {"listen", db, "ws://127.0.0.1:0/"})) {
                assertThat(shell.run(words)).as("%s", words[0]).isEqualTo(1);
                assertThat(shell.err()).contains("in use");
            }
            assertThat(shell.run("verify", db)).isZero();
        }
    }
}
