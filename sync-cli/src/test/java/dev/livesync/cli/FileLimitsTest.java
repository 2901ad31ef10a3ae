package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.car.Limits;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Data of exactly each limit of {@code docs/limits.md} through verify, export, import, a CAR, backup and restore. The dialects are in {@code
 * sync-core}.
 */
@Timeout(600)
class FileLimitsTest {
    private static final Cid SOME_ROOT = Cid.hash(Cid.DAG_CBOR, new byte[] {7});

    @TempDir
    private Path root;

    private final Shell shell = new Shell();

    record Case(String name, Consumer<Database> fill) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        String deep = "[".repeat(Limits.DEFAULT.depth() - 1) + "]".repeat(Limits.DEFAULT.depth() - 1);
        return Stream.of(
                new Case("the largest document", db -> db.put("large", Map.of("t", "x".repeat((16 << 20) - 8)))),
                new Case("512 levels", db -> db.put("deep", "{\"a\":" + deep + "}")),
                new Case("the most values", db -> db.put("many", "{\"a\":[" + "1,".repeat((1 << 20) - 3) + "1]}")),
                new Case("the longest id", db -> db.put("i".repeat((1 << 20) - 1_000), Map.of("n", 1))),
                new Case("the empty id", db -> db.put("", Map.of("n", 1))),
                new Case("the most parents", FileLimitsTest::mostParents),
                new Case("the most heads that stay", db -> commit(db, concurrent(1_000))),
                new Case("a head more than a header names", db -> commit(db, concurrent(10_001))),
                new Case("the longest batch", db -> batch(db, 10_000, 5)),
                new Case("the largest batch", db -> batch(db, 16, (1 << 20) - 300)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void goesThroughEveryPath(Case data) throws IOException {
        Path db = root.resolve("db");
        List<Cid> clock;
        try (Database database = Database.open(db)) {
            data.fill().accept(database);
            clock = database.clock();
        }
        shell.lines("verify", db);
        List<String> exported = shell.lines("export", db);
        assertThat(exported).isNotEmpty();

        Path json = Files.write(root.resolve("all.ndjson"), exported);
        shell.lines("import", root.resolve("imported"), json);
        assertThat(shell.lines("export", root.resolve("imported"))).isEqualTo(exported);

        Path car = root.resolve("all.car");
        shell.lines("export", "--car", car, db);
        shell.lines("import", root.resolve("from-car"), car);
        assertThat(shell.lines("export", root.resolve("from-car"))).isEqualTo(exported);

        Path backup = root.resolve("backup.car");
        shell.lines("backup", db, backup);
        shell.lines("restore", backup, root.resolve("restored"));
        assertThat(shell.lines("export", root.resolve("restored"))).isEqualTo(exported);
        shell.lines("verify", root.resolve("restored"));
        try (Database restored = Database.open(root.resolve("restored"))) {
            assertThat(restored.clock()).isEqualTo(clock);
            restored.put("goes on", Map.of("n", 1));
            assertThat(restored.clock()).hasSize(1);
        }
    }

    @Test
    void whatWaitsForAncestors() throws IOException {
        whatWaitsForAncestors(4 << 20);
    }

    @Test
    @Tag("soak")
    void whatWaitsForAncestorsByDefault() throws IOException {
        whatWaitsForAncestors(DatabaseOptions.defaults().pendingBytesPerPeer());
    }

    private void whatWaitsForAncestors(long quota) throws IOException {
        Event absent = put("absent", List.of());
        List<Event> waiting = waiting(absent, quota);
        Path db = root.resolve("db");
        try (Database database = Database.open(db)) {
            database.replica().commit(new Commit(List.of(), waiting, new Origin("session", "peer")));
            assertThat(database.summary().pending()).isEqualTo(waiting.size());
        }
        shell.lines("verify", db);
        assertThat(shell.lines("export", db)).isEmpty();
        Path backup = root.resolve("backup.car");
        shell.lines("backup", db, backup);
        shell.lines("restore", backup, root.resolve("restored"));
        for (Path each : List.of(db, root.resolve("restored"))) {
            shell.lines("verify", each);
            try (Database database = Database.open(each)) {
                assertThat(database.summary().pending()).as("%s", each).isEqualTo(waiting.size());
                commit(database, List.of(absent));
                assertThat(database.summary().documents()).as("%s", each).isEqualTo(waiting.size() + 1);
            }
            assertThat(shell.lines("export", each)).hasSize(waiting.size() + 1);
        }
    }

    /** Eight events of so many bytes of quota together. */
    private static List<Event> waiting(Event absent, long quota) {
        int some = 1 << 18;
        int around = waiting(absent, 0, some).block().size() - some + 256;
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            events.add(waiting(absent, i, (int) (quota / 8) - around));
        }
        return events;
    }

    private static Event waiting(Event absent, int number, int bytes) {
        Encoded document = Encoded.of(new Value.Mapping(Map.of("t", new Value.Text("x".repeat(bytes)))));
        return Events.put(Keys.ofId("p" + number), document, SOME_ROOT, List.of(absent.cid()));
    }

    private static void commit(Database db, List<Event> events) {
        db.replica().commit(new Commit(List.of(), events, Origin.LOCAL));
    }

    private static List<Event> concurrent(int count) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(put("d" + i, List.of()));
        }
        return events;
    }

    private static void mostParents(Database db) {
        List<Event> events = concurrent(Limits.DEFAULT.parents());
        events.add(put("on top", events.stream().map(Event::cid).sorted().toList()));
        commit(db, events);
    }

    private static Event put(String id, List<Cid> parents) {
        Encoded document = Encoded.of(new Value.Mapping(Map.of("n", new Value.Int(id.length()))));
        return Events.put(Keys.ofId(id), document, SOME_ROOT, parents);
    }

    private static void batch(Database db, int documents, int bytes) {
        db.write(batch -> {
            for (int i = 0; i < documents; i++) {
                batch.put(Document.of("d" + i, Map.of("t", "x".repeat(bytes))));
            }
        });
    }
}
