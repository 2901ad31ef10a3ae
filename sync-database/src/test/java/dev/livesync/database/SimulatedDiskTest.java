package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.disk.SimulatedDisk;
import dev.livesync.database.disk.SimulatedDisk.Fault;
import dev.livesync.database.disk.SimulatedDisk.Kind;
import dev.livesync.database.replica.PlantedBugs;
import dev.livesync.database.replica.ReplicaParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases on a {@link SimulatedDisk}: nothing that was acknowledged is lost, and nothing else appears in part. */
@ExtendWith(Quiet.class)
@Timeout(3_600)
class SimulatedDiskTest {
    private static final int HOUR = 70;

    @Test
    void everyWriteOfAnHourIsCutOnce() {
        int cuts = cutEverywhere(new Script(1, HOUR), 1, ReplicaParts.REAL, disk -> {}) - 1; // the last run is not cut
        assertThat(cuts).as("writes, forces, names").isGreaterThan(5 * HOUR);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
    @Tag("soak")
    void everyWriteOfHoursIsCutInManyWays(int seed) {
        Script script = new Script(seed, 3 * HOUR);
        for (int luck = 0; luck < 4; luck++) {
            cutEverywhere(script, 100 * seed + luck, ReplicaParts.REAL, disk -> {});
        }
    }

    @Test
    void aThousandRandomFaults() {
        long seed = System.nanoTime();
        for (int i = 0; i < 1_000; i++) {
            new Faulty(seed + i).run();
        }
    }

    /** The mark of an orderly end was never forced, and the next process went on behind it. */
    @Test
    void aMarkThatNeverReachedTheDisk() {
        new Faulty(6155141303860L).run();
    }

    /** A compaction could not sync the new name of a segment; then a write was refused, and the old file read again. */
    @Test
    void aNewNameThatIsNotDurableCountsAllTheSame() {
        new Faulty(7074026501099L).run();
    }

    @Test
    @Tag("soak")
    void aHundredThousandRandomFaults() {
        long seed = System.nanoTime();
        for (int i = 0; i < 100_000; i++) {
            new Faulty(seed + i).run();
        }
    }

    private static int cutEverywhere(Script script, int luck, ReplicaParts parts, Consumer<SimulatedDisk> plant) {
        List<Script.Seen> history = script.play();
        int runs = 0;
        for (int cut = 0; ; cut++) {
            SimulatedDisk disk = new SimulatedDisk(new Random(cut));
            plant.accept(disk);
            int at = cut;
            disk.with((operation, kind) -> operation == at ? Fault.CRASH : Fault.NONE);
            runs++;
            String as = "operation " + cut + ", luck " + luck;
            try {
                if (!cutOnce(script, history, disk, new Random(31L * luck + cut), parts)) {
                    return runs;
                }
            } catch (AssertionError | SyncException e) {
                throw new AssertionError(as + " (run " + runs + "): " + e.getMessage(), e);
            }
        }
    }

    /** Plays a script on a disk that stops somewhere, and judges what is left; false if it did not stop. */
    private static boolean cutOnce(
            Script script, List<Script.Seen> history, SimulatedDisk disk, Random luck, ReplicaParts parts) {
        Database db = null;
        int done = 0;
        Script.Seen seen = history.get(0);
        List<Cursor> cursors = new ArrayList<>();
        try {
            db = SimulatedDatabase.open(disk, Script.options(5), parts);
            for (Script.Step step : script.steps) {
                if (step == null) {
                    db.close();
                    db = SimulatedDatabase.open(disk, Script.options(6), parts);
                } else {
                    step.accept(db);
                }
                done++;
                cursors.add(cursor(db));
                assertThat(Script.Seen.of(db)).as("after step %d", done).isEqualTo(history.get(done));
            }
            db.close();
        } catch (SyncException e) {
            if (!disk.hasStopped()) {
                throw e;
            }
            assertThat(e.kind()).isIn(ErrorKind.STORAGE, ErrorKind.CLOSED);
        }
        if (db != null && !disk.hasStopped()) {
            return false;
        }
        if (db != null) {
            seen = seenByReaders(db, history.get(done));
        }
        Script.Seen before = history.get(done);
        Script.Seen after = history.get(Math.min(done + 1, history.size() - 1));
        SimulatedDisk left = disk.restart(luck);
        try (Database again = SimulatedDatabase.open(left, Script.options(7), parts)) {
            Script.Seen found = Script.Seen.of(again);
            assertThat(found).as("after the crash in step %d", done + 1).isIn(before, after);
            if (!found.equals(before)) {
                seen = after;
            }
            assertThat(found).as("what readers saw").isEqualTo(seen);
            assertWhole(again);
            if (!cursors.isEmpty()) {
                assertThat(Replicas.events(Replicas.feed(again.replica(), cursors.get(cursors.size() - 1), 3)))
                        .as("the feed from the last cursor")
                        .hasSize((int) (found.events() - before.events()));
            }
            again.put("after", "{}");
        }
        try (Database again = SimulatedDatabase.open(left.restart(luck), Script.options(8), parts)) {
            assertThat(again.get("after")).isPresent();
            assertWhole(again);
        }
        return true;
    }

    /** What the last reader saw before the machine stopped: memory only. */
    private static Script.Seen seenByReaders(Database db, Script.Seen acknowledged) {
        try {
            List<Cid> clock = db.clock();
            return clock.equals(acknowledged.clock()) && db.summary().pending() == acknowledged.pending()
                    ? acknowledged
                    : new Script.Seen(
                            clock, null, db.summary().events(), db.summary().pending());
        } catch (SyncException e) {
            return acknowledged; // it was being closed
        }
    }

    private static void assertWhole(Database db) {
        assertThat(db.verify().problems()).isEmpty();
        List<Cid> feed = Replicas.events(Replicas.feed(db.replica(), new Cursor(start(db)), 7));
        assertThat(feed).hasSize((int) db.summary().events()).doesNotHaveDuplicates();
    }

    private static Cursor cursor(Database db) {
        try (Snapshot snapshot = db.replica().snapshot()) {
            return snapshot.cursor();
        }
    }

    private static String start(Database db) {
        String token = cursor(db).token();
        return token.substring(0, token.indexOf(':') + 1) + "0";
    }

    /** One random life with one random fault. */
    private static final class Faulty {
        private final long seed;
        private final Random random;

        Faulty(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        void run() {
            try {
                Script script = new Script(seed, 4 + random.nextInt(20));
                List<Script.Seen> history = script.play();
                int what = random.nextInt(5);
                if (what == 0) {
                    flip(script, history);
                } else if (what == 1) {
                    SimulatedDisk disk = new SimulatedDisk(random);
                    int at = random.nextInt(5 * script.steps.size());
                    disk.with((operation, kind) -> operation == at ? Fault.CRASH : Fault.NONE);
                    cutOnce(script, history, disk, random, ReplicaParts.REAL);
                } else {
                    refuse(script, what);
                }
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }

        /** The disk refuses for a while: a step changes nothing then, or all, and the next ones work. */
        private void refuse(Script script, int what) {
            int from = random.nextInt(4 * script.steps.size());
            int to = from + 1 + random.nextInt(6);
            boolean full = what == 2;
            SimulatedDisk disk = new SimulatedDisk(random);
            disk.with((operation, kind) -> {
                boolean hit = !full || kind == Kind.WRITE || kind == Kind.CREATE;
                return operation >= from && operation < to && hit ? Fault.ERROR : Fault.NONE;
            });
            Database db = reopened(disk);
            Script.Seen acknowledged = Script.Seen.of(db);
            List<Script.Step> taken = new ArrayList<>();
            List<Script.Step> refused = new ArrayList<>();
            for (Script.Step step : script.steps) {
                try {
                    if (step == null) {
                        db.close();
                        db = reopened(disk);
                    } else {
                        step.accept(db);
                    }
                    Script.Seen now = Script.Seen.of(db);
                    if (step != null && !now.equals(acknowledged)) {
                        taken.add(step);
                        refused.clear();
                    }
                    acknowledged = now;
                } catch (SyncException e) {
                    refused.add(step);
                    assertThat(e.kind()).as(e.getMessage()).isIn(ErrorKind.STORAGE, ErrorKind.CONFLICT);
                    assertThat(e.getMessage()).doesNotContain("\n");
                    assertThat(Script.Seen.of(db)).isEqualTo(acknowledged);
                }
            }
            disk.stop();
            SimulatedDisk left = disk.restart(random);
            try (Database again = SimulatedDatabase.open(left, Script.options(7))) {
                // What was refused last may have reached the disk all the same, as a whole.
                List<Script.Seen> possible = new ArrayList<>(List.of(acknowledged));
                refused.forEach(step -> possible.add(replayed(taken, step)));
                assertThat(Script.Seen.of(again)).isIn(possible);
                assertWhole(again);
            }
        }

        private static Script.Seen replayed(List<Script.Step> taken, Script.Step last) {
            try (Database db = Database.inMemory(Script.options(1))) {
                taken.forEach(step -> step.accept(db));
                last.accept(db);
                return Script.Seen.of(db);
            }
        }

        private static Database reopened(SimulatedDisk disk) {
            while (true) {
                try {
                    return SimulatedDatabase.open(disk, Script.options(5));
                } catch (SyncException e) {
                    assertThat(e.kind()).as(e.getMessage()).isEqualTo(ErrorKind.STORAGE);
                }
            }
        }

        /** A bit flips in a database that was closed: it is read as it was, or named. */
        private void flip(Script script, List<Script.Seen> history) {
            SimulatedDisk disk = new SimulatedDisk(random);
            Database db = SimulatedDatabase.open(disk, Script.options(5));
            for (Script.Step step : script.steps) {
                if (step == null) {
                    db.close();
                    db = SimulatedDatabase.open(disk, Script.options(6));
                } else {
                    step.accept(db);
                }
            }
            db.close();
            SimulatedDisk left = disk.restart(random);
            String where = left.flip(random);
            if (random.nextBoolean() && !where.startsWith("checkpoint")) {
                left.lose("checkpoint.idx");
            }
            Script.Seen expected = history.get(history.size() - 1);
            try (Database again = SimulatedDatabase.open(left, Script.options(7))) {
                assertThat(again.clock()).as(where).isEqualTo(expected.clock());
                try {
                    assertThat(Script.Seen.of(again)).as(where).isEqualTo(expected);
                } catch (SyncException e) {
                    assertThat(e.kind()).as(where).isEqualTo(ErrorKind.CORRUPT);
                    assertThat(again.verify().problems()).as(where).isNotEmpty();
                }
            } catch (SyncException e) {
                assertThat(e.kind()).as(where).isIn(ErrorKind.CORRUPT, ErrorKind.MALFORMED, ErrorKind.UNSUPPORTED);
                assertThat(e.getMessage()).contains(where.substring(0, where.indexOf(' ')));
            }
        }
    }

    /** A mistake, and how it is made. */
    private record Planted(String name, ReplicaParts parts, Consumer<SimulatedDisk> plant) {}

    @Test
    void plantedBugsAreFound() throws IOException {
        Script script = new Script(1, HOUR); // in which everyWriteOfAnHourIsCutOnce finds nothing
        List<Planted> all = List.of(
                new Planted("skips one fsync", ReplicaParts.REAL, disk -> disk.skipForce(20)),
                new Planted("acknowledges before the fsync", PlantedBugs.acknowledgesBeforeTheForce(), disk -> {}),
                new Planted("publishes heads before blocks", PlantedBugs.publishesHeadsBeforeBlocks(), disk -> {}),
                new Planted("forgets the torn tail", PlantedBugs.forgetsTheTornTail(), disk -> {}),
                new Planted("compacts a live block", PlantedBugs.compactsALiveBlock(), disk -> {}));
        StringBuilder table = new StringBuilder("| planted bug | found in run | how |\n|---|---|---|\n");
        List<String> missed = new ArrayList<>();
        for (Planted bug : all) {
            String how = find(script, bug);
            table.append(String.format(Locale.ROOT, "| %s | %s |%n", bug.name, how == null ? "never | -" : how));
            if (how == null) {
                missed.add(bug.name);
            }
        }
        Files.writeString(Path.of("target", "planted-bugs.md"), table);
        assertThat(missed).as("planted bugs that nothing found\n%s", table).isEmpty();
    }

    private static String find(Script script, Planted bug) {
        for (int luck = 1; luck <= 3; luck++) {
            try {
                cutEverywhere(script, luck, bug.parts, bug.plant);
            } catch (AssertionError e) {
                String message = String.valueOf(e.getMessage());
                String run = message.substring(message.indexOf("(run ") + 5, message.indexOf(')'));
                String what = message.substring(message.indexOf("): ") + 3).strip();
                return (luck > 1 ? luck + "×" : "") + run + " | "
                        + what.lines().limit(1).findFirst().orElse("").replace('|', '/');
            }
        }
        return null;
    }
}
