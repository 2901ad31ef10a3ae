package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.CarReader;
import dev.livesync.car.CarSeal;
import dev.livesync.car.Events;
import dev.livesync.database.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiveSyncTest {
    private static final String CID = "bafyrei[a-z2-7]{52}";

    @TempDir
    private Path directory;

    private final Shell shell = new Shell();
    private Path db = Path.of("");

    @BeforeEach
    void name() {
        db = directory.resolve("db");
    }

    private static JsonNode json(String line) {
        try {
            return new JsonMapper().readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path file(String name, String... lines) throws IOException {
        return Files.write(directory.resolve(name), List.of(lines));
    }

    @Test
    void putGetDelete() {
        assertThat(shell.lines("put", db, "a/é", "{\"b\":1,\"a\":[true,null]}")).containsExactly("stored a/é");
        assertThat(shell.lines("get", db, "a/é")).containsExactly("{\"_id\":\"a/é\",\"a\":[true,null],\"b\":1}");
        assertThat(shell.input("{}").lines("put", db, "b")).containsExactly("stored b");
        assertThat(shell.lines("get", db, "b")).containsExactly("{\"_id\":\"b\"}");
        assertThat(shell.lines("delete", db, "a/é")).containsExactly("deleted a/é");
        assertThat(shell.run("get", db, "a/é")).isEqualTo(1);
        assertThat(shell.err()).isEqualTo("livesync: no document \"a/é\" in " + db + "\n");
        assertThat(shell.out()).isEmpty();
    }

    @Test
    void resultsAsJson() throws IOException {
        JsonNode put = json(shell.lines("put", "--json", db, "a", "{}").get(0));
        assertThat(put.get("stored").asText()).isEqualTo("a");
        assertThat(put.get("event").asText()).matches(CID);
        JsonNode status = json(shell.lines("status", "--json", db).get(0));
        assertThat(status.get("heads").get(0)).isEqualTo(put.get("event"));
        assertThat(status.get("documents").asInt()).isEqualTo(1);
        assertThat(status.get("pending").asInt()).isZero();
        assertThat(status.get("bytes").asInt()).isPositive();
        JsonNode verified = json(shell.lines("verify", "--json", db).get(0));
        assertThat(verified.get("ok").asBoolean()).isTrue();
        assertThat(verified.get("problems")).isEmpty();
        List<String> imported =
                shell.lines("import", "--json", "--ack", db, file("f", "{\"_id\":\"x\"}", "{\"_id\":\"y\"}"));
        assertThat(imported.subList(0, 2)).containsExactly("{\"stored\":\"x\"}", "{\"stored\":\"y\"}");
        assertThat(json(imported.get(2)).get("documents").asInt()).isEqualTo(2);
    }

    @Test
    void statusSaysWhatIsThere() {
        shell.lines("put", db, "a", "{}");
        assertThat(shell.lines("status", db))
                .satisfiesExactly(
                        line -> assertThat(line).matches("head " + CID),
                        line -> assertThat(line).isEqualTo("documents 1"),
                        line -> assertThat(line).isEqualTo("events 1"),
                        line -> assertThat(line).isEqualTo("pending 0"),
                        line -> assertThat(line).matches("blocks \\d+"),
                        line -> assertThat(line).matches("bytes \\d+"));
    }

    @Test
    void whatWasImportedIsExportedSortedById() throws IOException {
        Path lines = file("in.jsonl", "{\"_id\":\"b\",\"n\":2}", "{\"n\":1,\"_id\":\"a\"}", "{\"_id\":10}");
        assertThat(shell.lines("import", db, lines)).containsExactly("3 documents stored in " + db);
        List<String> exported = shell.lines("export", db);
        assertThat(exported).containsExactly("{\"_id\":\"10\"}", "{\"_id\":\"a\",\"n\":1}", "{\"_id\":\"b\",\"n\":2}");
        Path again = Files.write(directory.resolve("again.jsonl"), exported);
        shell.lines("import", directory.resolve("other"), again);
        assertThat(shell.lines("export", directory.resolve("other"))).isEqualTo(exported);
    }

    @Test
    void standardInputAndArraysAreImportedToo() {
        shell.input("[{\"_id\":\"a\"},{\"_id\":\"b\"}]").lines("import", db, "-");
        shell.input("{\"_id\":\"c\"}").lines("import", db, "-");
        assertThat(shell.lines("export", db)).hasSize(3);
    }

    @Test
    void aRecordWithoutIdGetsAUuid() {
        shell.input("{\"n\":1}\n{\"n\":1}").lines("import", db, "-");
        assertThat(shell.lines("export", db))
                .hasSize(2)
                .allMatch(line -> line.matches("\\{\"_id\":\"[0-9a-f-]{36}\",\"n\":1}"));
    }

    @Test
    void moreThanABatchIsImportedInBatches() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 2_345; i++) {
            lines.append("{\"_id\":\"").append(i).append("\"}\n");
        }
        assertThat(shell.input(lines.toString()).lines("import", "--ack", db, "-"))
                .hasSize(2_346);
        assertThat(shell.lines("export", db)).hasSize(2_345);
    }

    @Test
    void aRecordThatTheDatabaseRefusesEndsTheImportThere() throws IOException {
        Path file = file("f.jsonl", "{\"_id\":\"a\"}", "{\"_id\":\"b\",\"n\":1e999}", "{\"_id\":\"c\"}");
        assertThat(shell.run("import", "--ack", db, file)).isEqualTo(1);
        assertThat(shell.out()).isEqualTo("stored a\n");
        assertThat(shell.err())
                .startsWith("livesync: " + file + ", line 2, column 16: ")
                .endsWith(" (1 document before it stored, nothing after it)\n");
        assertThat(shell.lines("export", db)).containsExactly("{\"_id\":\"a\"}");
    }

    @Test
    void aCarCarriesEverythingFromOneDatabaseToAnother() throws IOException {
        shell.input("{\"_id\":\"a\"}\n{\"_id\":\"b\"}").lines("import", db, "-");
        shell.lines("put", db, "c", "{}");
        shell.lines("delete", db, "a");
        Path car = directory.resolve("all.car");
        assertThat(shell.lines("export", db, "--car", car))
                .singleElement()
                .asString()
                .endsWith(" in " + car);
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("db", "all.car");

        Path other = directory.resolve("other");
        assertThat(shell.lines("import", "--ack", other, car))
                .containsExactly("stored a", "stored b", "stored c", "4 events stored in " + other);
        assertThat(shell.lines("export", other)).isEqualTo(shell.lines("export", db));
        assertThat(shell.lines("status", other).get(0))
                .isEqualTo(shell.lines("status", db).get(0));
        assertThat(shell.lines("import", other, car)).containsExactly("0 events stored in " + other);
        try (Database from = Database.open(db);
                Database to = Database.open(other)) {
            assertThat(to.summary().blocks())
                    .as("no seal is stored")
                    .isEqualTo(from.summary().blocks());
        }
    }

    @Test
    void theCarHoldsEveryStoredBlockOnceAndParentsFirst() throws IOException {
        for (int i = 0; i < 20; i++) {
            shell.lines("put", db, "id" + i % 7, "{\"n\":" + i + "}");
        }
        Path car = directory.resolve("all.car");
        shell.lines("export", db, "--car", car);
        Set<Object> seen = new HashSet<>();
        try (CarReader reader = new CarReader(Files.newInputStream(car))) {
            CarSeal seal = new CarSeal();
            for (var block = reader.next(); block != null; block = reader.next()) {
                if (seal.isSealedBy(block)) {
                    assertThat(reader.next()).as("after the seal").isNull();
                    break;
                }
                seal.add(block.cid());
                assertThat(seen.add(block.cid())).isTrue();
                Events.tryDecode(block, dev.livesync.car.Limits.DEFAULT)
                        .ifPresent(event -> assertThat(seen).containsAll(event.parents()));
            }
        }
        try (Database database = Database.open(db);
                Snapshot snapshot = database.replica().snapshot()) {
            Set<Object> stored = new HashSet<>();
            snapshot.storedCids().forEachRemaining(stored::add);
            assertThat(seen).isEqualTo(stored);
        }
    }

    @Test
    void aTruncatedCarLeavesWhatWasWholeAndIsAnError() throws IOException {
        shell.lines("put", db, "a", "{}");
        shell.lines("put", db, "b", "{}");
        Path car = directory.resolve("all.car");
        shell.lines("export", db, "--car", car);
        byte[] bytes = Files.readAllBytes(car);
        Path other = directory.resolve("other");
        Files.write(car, Arrays.copyOf(bytes, bytes.length - 1));
        assertThat(shell.run("import", other, car)).isEqualTo(1);
        assertThat(shell.err()).startsWith("livesync: " + car + ": ").hasLineCount(1);
        shell.lines("verify", other);
        Files.write(car, bytes);
        shell.lines("import", other, car);
        assertThat(shell.lines("export", other)).isEqualTo(shell.lines("export", db));
    }

    @Test
    void aBackupIsRestoredOrRefusedAsAWhole() throws IOException {
        for (int i = 0; i < 20; i++) {
            shell.lines("put", db, "id" + i % 7, "{\"n\":" + i + "}");
        }
        Path car = directory.resolve("db.car");
        assertThat(shell.lines("backup", db, car)).singleElement().asString().endsWith(" bytes in " + car);
        Path other = directory.resolve("other");
        assertThat(shell.lines("restore", car, other)).containsExactly("7 documents, 20 events, 0 pending in " + other);
        assertThat(shell.lines("status", other)).isEqualTo(shell.lines("status", db));
        assertThat(shell.lines("export", other)).isEqualTo(shell.lines("export", db));
        assertThat(shell.run("restore", car, other)).isEqualTo(1);
        assertThat(shell.err())
                .startsWith("livesync: " + other + " is not empty")
                .hasLineCount(1);
        byte[] bytes = Files.readAllBytes(car);
        Files.write(car, Arrays.copyOf(bytes, bytes.length / 2));
        Path none = directory.resolve("none");
        assertThat(shell.run("restore", car, none)).isEqualTo(1);
        assertThat(shell.err()).startsWith("livesync: " + car + ": ").hasLineCount(1);
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("db", "db.car", "other");
        assertThat(shell.run("restore", directory.resolve("missing.car"), none)).isEqualTo(1);
        assertThat(shell.err()).startsWith("livesync: no such file: ").hasLineCount(1);
    }

    @Test
    void idsOfACarAreItsOwn() throws IOException {
        shell.lines("put", db, "a", "{}");
        Path car = directory.resolve("all.car");
        shell.lines("export", db, "--car", car);
        assertThat(shell.run("import", "--id", "x", directory.resolve("other"), car))
                .isEqualTo(1);
        assertThat(shell.err()).contains("--id is for JSON");
        assertThat(directory.resolve("other")).doesNotExist();
    }

    @Test
    void verifyNamesWhatIsDamaged() throws IOException {
        shell.lines("put", db, "a", "{\"text\":\"" + "x".repeat(1_000) + "\"}");
        Path log;
        try (var files = Files.list(db)) {
            log = files.filter(f -> f.toFile().length() > 1_000).findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(log);
        int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("xxxxxxxx");
        bytes[at + 100] ^= 1;
        Files.write(log, bytes);
        assertThat(shell.run("verify", db)).isEqualTo(1);
        assertThat(shell.err()).startsWith("livesync: ").hasLineCount(1);
        assertThat(shell.out() + shell.err()).contains(log.getFileName().toString());
        assertThat(shell.lines("verify", "--repair", db).get(0))
                .contains(log.getFileName().toString());
        assertThat(shell.lines("verify", db).get(0)).startsWith("all is well");
    }

    @Test
    void readingMakesNoDatabase() throws IOException {
        for (String command : List.of("export", "status", "verify")) {
            assertThat(shell.run(command, db)).isEqualTo(1);
            assertThat(shell.err()).startsWith("livesync: no database at " + db).hasLineCount(1);
        }
        assertThat(db).doesNotExist();
        Files.createDirectory(db);
        assertThat(shell.run("export", db)).isEqualTo(1);
        assertThat(db).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "export",
                "export x y",
                "put x",
                "backup x",
                "restore x",
                "get x",
                "offer x",
                "dial x",
                "import x",
                "export x --car",
                "listen x",
                "dial x ws://h/ --secret-stdin --secret-file f",
                "demo x"
            })
    void wrongUsageIsOneLineAndTwo(String line) {
        String[] args = line.isEmpty() ? new String[0] : line.split(" ");
        assertThat(shell.run((Object[]) args)).isEqualTo(2);
        assertThat(shell.out()).isEmpty();
        assertThat(shell.err()).startsWith("livesync: ").hasLineCount(1);
    }

    @Test
    void helpListsEveryCommand() {
        String help = String.join("\n", shell.lines("--help"));
        for (String command : List.of(
                "demo", "import", "export", "backup", "restore", "get", "put", "delete", "status", "verify", "listen",
                "dial", "offer", "accept")) {
            assertThat(help).contains("\n  " + command + " ");
            assertThat(String.join("\n", shell.lines(command, "--help"))).contains("Usage: livesync " + command);
        }
        assertThat(shell.lines("help", "dial")).isEqualTo(shell.lines("dial", "--help"));
        assertThat(shell.run("help", "nonsense")).isEqualTo(2);
        assertThat(shell.err()).startsWith("livesync: ").hasLineCount(1);
        assertThat(shell.lines("--version")).singleElement().asString().startsWith("livesync ");
    }

    @Test
    void aStackTraceIsShownOnRequestOnly() {
        assertThat(shell.run("export", db)).isEqualTo(1);
        assertThat(shell.err()).hasLineCount(1);
        assertThat(shell.environment("LIVESYNC_DEBUG", "1").run("export", db)).isEqualTo(1);
        assertThat(shell.err()).contains("\tat dev.livesync.cli.");
    }

    @Test
    void progressIsForThoseWhoSeeIt() {
        assertThat(shell.input("{}").run("import", db, "-")).isZero();
        assertThat(shell.err()).isEmpty();
        assertThat(shell.input("{}").run("import", "--progress", db, "-")).isZero();
        assertThat(shell.err()).contains("importing");
        assertThat(shell.terminal().run("verify", db)).isZero();
        assertThat(shell.err()).contains("verifying");
        assertThat(shell.terminal().run("verify", "--no-progress", db)).isZero();
        assertThat(shell.err()).isEmpty();
    }

    @Test
    void aMessageIsOneLineWhateverItQuotes() {
        assertThat(shell.run("get", db, "a\nb\u001b[31m")).isEqualTo(1);
        assertThat(shell.err()).hasLineCount(1).doesNotContain("\u001b");
        shell.lines("put", db, "x", "{}");
        assertThat(shell.run("get", db, "a\nb\u001b[31m")).isEqualTo(1);
        assertThat(shell.err()).hasLineCount(1).doesNotContain("\u001b");
    }

    @Test
    void aDirectoryIsNothingToImport() {
        assertThat(shell.run("import", db, directory)).isEqualTo(1);
        assertThat(shell.err()).isEqualTo("livesync: not a file but a directory: " + directory + "\n");
        assertThat(db).doesNotExist();
    }
}
