package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that are killed with SIGKILL in the middle of what they do: afterwards the database verifies, whatever was
 * acknowledged is there, and the next run finishes the work.
 */
class KillTest {
    private static final int FEW = 8_000;
    private static final int MANY = 20_000;
    /** Of each kind, in the soak. */
    private static final int KILLS = Integer.getInteger("livesync.kills", 50);

    @TempDir
    private Path directory;

    @Test
    void anImportIsKilledAFewTimes() throws IOException {
        killImports(5, FEW, System.nanoTime());
    }

    @Test
    void eitherSideOfADialIsKilledAFewTimes() throws Exception {
        killDials(6, FEW, System.nanoTime());
    }

    @Test
    void compactionIsKilledAFewTimes() throws Exception {
        killCompactions(5, System.nanoTime());
    }

    @Test
    @Tag("soak")
    void anImportIsKilledManyTimes() throws IOException {
        killImports(KILLS, MANY, System.nanoTime());
    }

    @Test
    @Tag("soak")
    void eitherSideOfADialIsKilledManyTimes() throws Exception {
        killDials(KILLS, MANY, System.nanoTime());
    }

    @Test
    @Tag("soak")
    void compactionIsKilledManyTimes() throws Exception {
        killCompactions(KILLS, System.nanoTime());
    }

    private void killImports(int times, int documents, long seed) throws IOException {
        Random random = new Random(seed);
        Path records = SampleRecords.file(directory.resolve("records.jsonl"), documents, seed);
        for (int round = 0; round < times; round++) {
            String context = "seed " + seed + ", round " + round;
            Path db = directory.resolve("import-" + round);
            List<String> acknowledged;
            try (Command running = Command.start("import", db, records, "--ack")) {
                running.line(1 + random.nextInt(documents - 2_000));
                running.kill();
                acknowledged = running.lines().stream()
                        .map(line -> line.substring("stored ".length()))
                        .toList();
            }
            Stored.intact(db, context);
            try (Database database = Database.open(db)) {
                assertThat(acknowledged)
                        .as(context)
                        .isNotEmpty()
                        .allSatisfy(id -> assertThat(database.get(id)).isPresent());
            }
            if (round == 0) { // the whole is there in the end, over what the killed one left
                Command.run("import", db, records);
                assertThat(Command.run("export", db).lines()).hasSize(documents);
            }
        }
    }

    private void killCompactions(int times, long seed) throws Exception {
        Random random = new Random(seed);
        Path db = directory.resolve("compacting");
        int next = 0;
        for (int round = 0; round < times; round++) {
            String context = "seed " + seed + ", round " + round;
            int last;
            try (Compacting running = Compacting.start(db, next)) {
                last = running.killAfter(1 + random.nextInt(300));
            }
            assertThat(last).as(context).isGreaterThanOrEqualTo(next);
            try (Database database = Database.open(db, Compacting.options())) {
                assertThat(database.verify().problems()).as(context).isEmpty();
                // The one that was being put may be there, too.
                assertThat(database.summary().events()).as(context).isBetween(last + 1L, last + 2L);
                for (int n = Math.max(0, last + 1 - Compacting.DOCUMENTS); n <= last; n++) {
                    String json = database.get("d" + n % Compacting.DOCUMENTS)
                            .orElseThrow()
                            .json();
                    assertThat(json)
                            .as(context)
                            .isIn("{\"n\":" + n + "}", "{\"n\":" + (n + Compacting.DOCUMENTS) + "}");
                }
                next = (int) database.summary().events();
            }
        }
    }

    private void killDials(int times, int documents, long seed) throws Exception {
        Random random = new Random(seed);
        Path full = directory.resolve("full");
        Command.run("import", full, SampleRecords.file(directory.resolve("records.jsonl"), documents, seed));
        long whole = -1;
        for (int round = -1; round < times; round++) {
            String context = "seed " + seed + ", round " + round;
            Path empty = directory.resolve("empty-" + round);
            Path dialling = random.nextBoolean() ? full : empty;
            Path listening = dialling.equals(full) ? empty : full;
            long plug = round < 0 ? Long.MAX_VALUE : (long) (whole * random.nextDouble());
            try (Command listen = Command.start("listen", listening, "ws://127.0.0.1:0/");
                    Proxy proxy = new Proxy(listen.line(1), plug);
                    Command dial = Command.start("dial", dialling, proxy.address(), "--once")) {
                if (round < 0) { // how many bytes it takes undisturbed
                    dial.succeeded();
                    whole = proxy.passed();
                    continue;
                }
                assertThat(proxy.reached().await(60, TimeUnit.SECONDS))
                        .as(context)
                        .isTrue();
                if (random.nextBoolean()) {
                    dial.kill();
                } else {
                    listen.kill();
                    assertThat(dial.exitCode()).as(context + "\n" + dial).isIn(0, 1); // 0: it was done just before
                    assertThat(dial.messages()).as(context).noneMatch(line -> line.startsWith("\tat "));
                }
            }
            Stored.intact(full, context);
            Stored.intact(empty, context);
            try (Command listen = Command.start("listen", listening, "ws://127.0.0.1:0/")) {
                Command.run("dial", dialling, listen.line(1), "--once");
            }
            assertThat(Stored.equal(full, empty, context)).hasSize(documents);
        }
    }
}
