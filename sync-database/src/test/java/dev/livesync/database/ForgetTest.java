package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.maintenance.ForgetResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForgetTest {
    @TempDir
    private Path parent;

    private Path directory() {
        return parent.resolve("db");
    }

    private static Set<Cid> events(Database database) {
        Set<Cid> events = new HashSet<>();
        try (Snapshot snapshot = database.replica().snapshot()) {
            snapshot.eventsSince(List.of()).forEachRemaining(events::add);
        }
        return events;
    }

    @Test
    void anEventAndWhatWasWrittenOnTopOfItAreGoneAndTheRestStays() throws Exception {
        Cid base;
        Cid bad;
        try (Database database = Database.open(directory())) {
            database.put("a", "{\"n\":1}");
            base = database.put("b", "{\"n\":1}");
            bad = database.put("a", "{\"n\":2}");
            database.put("c", "{\"n\":1}");
        }
        Files.writeString(directory().resolve("livesync.grants"), "livesync grants 1\n");
        ForgetResult result = Database.forget(directory(), List.of(bad));
        assertThat(result.forgotten()).isEqualTo(2);
        assertThat(result.kept()).isEqualTo(2);
        try (Database database = Database.open(directory())) {
            assertThat(database.clock()).containsExactly(base);
            assertThat(database.get("a").orElseThrow().json()).isEqualTo("{\"n\":1}");
            assertThat(database.get("c")).isEmpty();
            assertThat(database.verify().ok()).isTrue();
            database.put("d", "{}");
        }
        assertThat(directory().resolve("livesync.grants")).exists();
        try (Database before = Database.openReadOnly(result.before())) {
            assertThat(before.get("c")).isPresent();
        }
        assertThatThrownBy(() -> Database.forget(directory(), List.of(base)))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
                .hasMessageContaining("before-forget");
    }

    @Test
    void aBatchGoesAsAWhole() {
        BatchResult batch;
        Cid base;
        try (Database database = Database.open(directory())) {
            base = database.put("a", "{}");
            batch = database.write(b -> {
                b.put("x", "{}");
                b.put("y", "{}");
                b.put("z", "{}");
            });
        }
        assertThat(batch.events()).hasSize(3);
        assertThat(Database.forget(directory(), batch.events().subList(1, 2)).forgotten())
                .isEqualTo(3);
        try (Database database = Database.open(directory())) {
            assertThat(database.clock()).containsExactly(base);
            assertThat(database.all()).hasSize(1);
        }
    }

    @Test
    void whatCannotBeDoneLeavesEverythingAsItWas() {
        Cid event;
        try (Database database = Database.open(directory())) {
            event = database.put("a", "{}");
            assertThatThrownBy(() -> Database.forget(directory(), List.of(event)))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.IN_USE));
        }
        Cid absent = Cid.hash(Cid.DAG_CBOR, new byte[] {1});
        assertThatThrownBy(() -> Database.forget(directory(), List.of(absent)))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND))
                .hasMessageContaining(absent.toString());
        assertThatThrownBy(() -> Database.forget(parent.resolve("none"), List.of(event)))
                .isInstanceOf(SyncException.class);
        assertThat(parent.toFile().list()).containsExactly("db");
        try (Database database = Database.open(directory())) {
            assertThat(database.clock()).containsExactly(event);
        }
    }

    /** What somebody wrote then would be in the database as it was, and nowhere else. */
    @Test
    void nobodyWritesBetweenTheCopyAndTheRenames() {
        Cid bad;
        try (Database database = Database.open(directory())) {
            database.put("a", "{}");
            bad = database.put("b", "{}");
        }
        List<ErrorKind> others = new ArrayList<>();
        Forgetting.run(directory(), List.of(bad), () -> {
            try (Database other = Database.open(directory())) {
                other.put("from elsewhere", "{}");
            } catch (SyncException e) {
                others.add(e.kind());
            }
        });
        assertThat(others).containsExactly(ErrorKind.IN_USE);
        try (Database database = Database.open(directory())) {
            assertThat(database.all()).hasSize(1);
            database.put("c", "{}");
        }
    }

    /** A grant that was revoked meanwhile would be back. */
    @Test
    void nobodyChangesTheGrantsBetweenTheirCopyAndTheRenames() throws Exception {
        Cid bad;
        try (Database database = Database.open(directory())) {
            bad = database.put("b", "{}");
        }
        Files.writeString(directory().resolve("livesync.grants"), "livesync grants 1\n");
        AtomicBoolean held = new AtomicBoolean();
        Forgetting.run(directory(), List.of(bad), () -> {
            // As whoever changes grants does.
            try (FileChannel lock = FileChannel.open(
                            directory().resolve("livesync.grants.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
                    FileLock taken = lock.lock()) {
                assertThat(taken.isValid()).isTrue();
            } catch (OverlappingFileLockException e) {
                held.set(true);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(held).isTrue();
        assertThat(directory().resolve("livesync.grants")).exists();
    }

    /** What a crash between the two renames leaves: no directory of that name, and a new database here would hide the old one. */
    @Test
    void whatWasInterruptedIsFinishedByWhoeverComesNext() throws Exception {
        for (boolean reading : new boolean[] {true, false}) {
            Path here = parent.resolve("db-" + reading);
            Cid base;
            Cid bad;
            try (Database database = Database.open(here)) {
                base = database.put("a", "{}");
                bad = database.put("b", "{}");
            }
            ForgetResult result = Database.forget(here, List.of(bad));
            Files.move(here, here.resolveSibling(here.getFileName() + ".forgetting"));
            try (Database database = reading ? Database.openReadOnly(here) : Database.open(here)) {
                assertThat(database.clock()).containsExactly(base);
            }
            Files.move(here, here.resolveSibling(here.getFileName() + ".forgetting"));
            assertThatThrownBy(() -> Database.forget(here, List.of(base)))
                    .as("finished, and then as after any other call")
                    .hasMessageContaining("before-forget");
            assertThat(here).exists();
            assertThat(result.before()).exists();
        }
    }

    /** Against a walk of its own: whoever doesn't reach a forgotten event by parents is kept. */
    @Test
    void exactlyTheDescendantsGo() throws Exception {
        for (long seed = 1; seed <= 5; seed++) {
            Random random = new Random(seed);
            Path here = parent.resolve("db" + seed);
            Set<Cid> kept = new HashSet<>();
            Cid victim;
            try (Database history = Replicas.history(random, 60);
                    Database database = Database.open(here)) {
                Replicas.commit(database, Replicas.events(history));
                List<Cid> all = List.copyOf(new TreeSet<>(events(database)));
                try (Snapshot snapshot = database.replica().snapshot()) {
                    do {
                        victim = all.get(random.nextInt(all.size()));
                    } while (snapshot.event(victim).parents().stream().anyMatch(snapshot::isInterior));
                    for (Cid cid : all) {
                        if (!cid.equals(victim) && !snapshot.isAncestor(victim, cid)) {
                            kept.add(cid);
                        }
                    }
                }
            }
            Database.forget(here, List.of(victim));
            try (Database database = Database.open(here)) {
                assertThat(events(database)).as("seed " + seed).isEqualTo(kept);
            }
        }
    }
}
