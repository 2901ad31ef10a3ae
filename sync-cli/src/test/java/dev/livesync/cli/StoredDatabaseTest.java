package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Replica;
import dev.livesync.cli.hub.HubHost.StoredDatabase;
import dev.livesync.database.Database;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands on the directory of a hub whose documents are in a store; any replica is one. */
@Timeout(60)
class StoredDatabaseTest {
    private static final String PLACE = "database notes of postgresql://n1/live";

    @TempDir
    private Path directory;

    private final Shell shell = new Shell();
    private final ByteArrayOutputStream notes = new ByteArrayOutputStream();
    private final Database store = Database.inMemory();
    private final AtomicInteger reads = new AtomicInteger();
    private Optional<String> problem = Optional.empty();

    @AfterEach
    void end() {
        store.close();
    }

    private ServedDatabase serve(Path place) {
        return ServedDatabase.over(
                new StoredDatabase(place, PLACE, counted(store.replica()), () -> problem),
                new Console(
                        InputStream.nullInputStream(),
                        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                        new PrintStream(notes, false, StandardCharsets.UTF_8),
                        Map.of(),
                        () -> false),
                "serve",
                (console, arguments) -> new LiveSync(console).run(arguments.toArray(new String[0])),
                () -> "read again");
    }

    /** Counts how often history is read. */
    private Replica counted(Replica replica) {
        return (Replica) Proxy.newProxyInstance(
                Replica.class.getClassLoader(), new Class<?>[] {Replica.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("changes")) {
                        reads.incrementAndGet();
                    }
                    try {
                        return method.getName().equals("replica") ? proxy : method.invoke(replica, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private String run(Object... words) {
        int code = shell.run(words);
        return code + "|" + shell.out() + "|" + shell.err();
    }

    @Test
    void commandsDoWhatTheyDoWithADirectory() throws IOException {
        Files.writeString(directory.resolve("in.json"), "{\"_id\":\"a\",\"n\":1}\n{\"_id\":\"b\",\"n\":2}\n");
        List<String> expected = session(Files.createDirectory(directory.resolve("alone")));
        Path shared = Files.createDirectory(directory.resolve("shared"));
        List<String> through;
        try (ServedDatabase served = serve(shared.resolve("db"))) {
            through = session(shared);
            assertThat(store.all()).hasSize(3);
        }
        assertThat(through).isEqualTo(expected);
        assertThat(shell.lines("restore", shared.resolve("b.car"), directory.resolve("restored")))
                .hasSize(1);
        assertThat(Database.openReadOnly(directory.resolve("restored")).all()).isEqualTo(store.all());
        assertThat(notes.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void aDirectoryWithDocumentsOfItsOwnIsRefused() {
        Path own = directory.resolve("own");
        try (Database database = Database.open(own)) {
            database.put("a", "{}");
        }
        for (int attempt = 0; attempt < 2; attempt++) { // the lock is not left behind
            assertThatThrownBy(() -> serve(own))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
                    .hasMessageContaining(own.toString())
                    .hasMessageContaining(PLACE);
        }
        assertThat(own.resolve(StoreMark.FILE)).doesNotExist();
        try (Database database = Database.open(own)) {
            assertThat(database.all()).hasSize(1);
        }
    }

    private List<String> session(Path folder) {
        Path db = folder.resolve("db");
        List<String> said = new ArrayList<>();
        said.add(run("import", db, directory.resolve("in.json")));
        said.add(run("put", db, "c", "{\"t\":\"\\u0007\"}"));
        shell.input("{\"from\":\"stdin\"}");
        said.add(run("put", db, "d"));
        shell.input("");
        said.add(run("delete", db, "d"));
        said.add(run("delete", db, "none"));
        said.add(run("get", db, "c"));
        said.add(run("query", db, "--where", "n>1"));
        said.add(run("export", db));
        said.add(run("log", db));
        said.add(run("conflicts", db));
        said.add(run("backup", db, folder.resolve("b.car")));
        said.add(run("status", db));
        String ids = "\\b(bafy\\w+|\\d+ bytes|bytes \\d+)";
        return said.stream()
                .map(text -> text.replace(folder.toString(), "F").replaceAll(ids, "~"))
                .toList();
    }

    @Test
    void aHubThatNobodyGivesCommandsDoesNotPayForDocuments() throws IOException {
        store.put("a", "{}");
        problem = Optional.of("the store does not answer");
        try (ServedDatabase served = serve(directory.resolve("db"));
                Sync sync = Sync.builder(store).transport("memory").build()) {
            served.serves(sync);
            assertThat(shell.lines("top", directory.resolve("db"), "--once"))
                    .contains("db: 1 documents, 1 events, " + store.summary().bytes() + " B")
                    .contains("problem: the store does not answer")
                    .anyMatch(line -> line.contains("0 commits/s, queue 0; sessions: 0 open"));
            assertThat(shell.lines("status", directory.resolve("db"))).contains("documents 1");
            assertThat(shell.lines("reload", directory.resolve("db"))).containsExactly("read again");
            assertThat(reads).hasValue(0);
            assertThat(shell.lines("get", directory.resolve("db"), "a")).containsExactly("{\"_id\":\"a\"}");
            assertThat(reads).hasPositiveValue();
        }
    }

    @Test
    void aWatchSeesWhatOthersPut() throws Exception {
        Path db = directory.resolve("db");
        Shell watching = new Shell();
        try (ServedDatabase served = serve(db)) {
            CompletableFuture<Integer> watch =
                    CompletableFuture.supplyAsync(() -> watching.run("watch", db, "--limit", "1", "--every", "50"));
            for (int n = 0; !watch.isDone(); n++) {
                store.put("a", "{\"n\":" + n + "}");
                watch.copy().completeOnTimeout(0, 20, TimeUnit.MILLISECONDS).join();
            }
            assertThat(watch.get(60, TimeUnit.SECONDS)).isZero();
            assertThat(watching.out()).startsWith("put \"a\" ");
        }
    }

    @Test
    void whatAStoreDoesNotHaveIsSaidInASentence() throws IOException {
        Path db = directory.resolve("db");
        Path file = Files.writeString(directory.resolve("text"), "text");
        try (ServedDatabase served = serve(db)) {
            shell.lines("put", db, "a", "{}");
            for (Object[] words : List.<Object[]>of(
                    new Object[] {"attach", db, "a", "file", file, "--type", "text/plain", "--json"},
                    new Object[] {"erase", db, "a", "--json"},
                    new Object[] {"forget-past", db, "--versions", "1", "--json"})) {
                assertThat(shell.run(words)).as("%s", words[0]).isEqualTo(1);
                assertThat(shell.err())
                        .as("%s", words[0])
                        .contains("UNSUPPORTED")
                        .contains("are in a store");
            }
            for (Object[] words : List.<Object[]>of(
                    new Object[] {"verify", db, "--json"},
                    new Object[] {"watch", db, "--all", "--json"},
                    new Object[] {"listen", db, "ws://127.0.0.1:0/", "--json"})) {
                assertThat(shell.run(words)).as("%s", words[0]).isEqualTo(1);
                assertThat(shell.err())
                        .as("%s", words[0])
                        .contains("UNSUPPORTED")
                        .contains(PLACE);
            }
        }
    }

    @Test
    void withoutAHubNoCommandTakesTheDirectoryForAnEmptyDatabase() throws IOException {
        Path db = directory.resolve("db");
        serve(db).close();
        List<String> before = names(db);
        Path file = Files.writeString(directory.resolve("in.json"), "{\"_id\":\"a\"}");
        for (Object[] words : List.<Object[]>of(
                new Object[] {"put", db, "a", "{}", "--json"},
                new Object[] {"get", db, "a", "--json"},
                new Object[] {"import", db, file, "--json"},
                new Object[] {"status", db, "--json"})) {
            assertThat(shell.run(words)).as("%s", words[0]).isEqualTo(1);
            assertThat(shell.err()).contains("UNSUPPORTED").contains(PLACE).contains("start serve");
        }
        assertThat(names(db)).isEqualTo(before);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void oneHubHasADirectory() {
        Path db = directory.resolve("db");
        try (ServedDatabase served = serve(db)) {
            assertThatThrownBy(() -> serve(db))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.IN_USE));
            assertThat(shell.lines("put", db, "a", "{}")).containsExactly("stored a");
        }
        try (ServedDatabase served = serve(db)) {
            assertThat(shell.lines("get", db, "a")).containsExactly("{\"_id\":\"a\"}");
        }
    }
}
