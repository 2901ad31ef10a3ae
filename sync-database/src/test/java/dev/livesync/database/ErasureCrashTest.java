package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.BlockRequests;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.disk.SimulatedDisk;
import dev.livesync.database.replica.ReplicaParts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A machine stops, or its disk fails, at any operation of an erasure, and what is erased stays away from peers and goes; all else stays. */
@ExtendWith(Quiet.class)
class ErasureCrashTest {
    private static final int CONTENTS = 5;

    @Test
    void whatIsErasedStaysAwayAfterACrash() {
        run(1, 40);
    }

    @Test
    @Tag("soak")
    void whatIsErasedStaysAwayAfterManyCrashes() {
        run(1_000, 1_000);
    }

    private static void run(int seed, int seeds) {
        for (int i = seed; i < seed + seeds; i++) {
            World world = new World(i);
            try {
                world.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + i + ": " + world.steps, e);
            } finally {
                world.db.close();
            }
        }
    }

    private static final class World {
        final List<String> steps = new ArrayList<>();
        private final Random random;
        private final byte[][] contents = new byte[CONTENTS][];
        private final Attachment[] attachments = new Attachment[CONTENTS];
        private final List<Set<Cid>> blocks = new ArrayList<>();
        private final boolean byHand;
        /** What documents name that are certainly there. */
        private final Set<Integer> here = new TreeSet<>();

        private SimulatedDisk disk;
        private Database db;

        World(int seed) {
            random = new Random(seed);
            byHand = random.nextBoolean();
            disk = new SimulatedDisk(new Random(random.nextLong()));
            db = open();
        }

        private Database open() {
            DatabaseOptions options = DatabaseOptions.builder()
                    .segmentBytes(50_000)
                    .random(new SplittableRandom(random.nextLong()))
                    .maintenance(byHand ? task -> {} : Runnable::run)
                    .build();
            return Database.on(disk, null, options, true, ReplicaParts.REAL);
        }

        void run() {
            try (Database source = Database.inMemory()) {
                for (int i = 0; i < CONTENTS; i++) {
                    contents[i] = new byte[10_000 + random.nextInt(250_000)];
                    random.nextBytes(contents[i]);
                    if (i > 0 && random.nextBoolean()) { // shares what the one before begins with
                        System.arraycopy(
                                contents[i - 1],
                                0,
                                contents[i],
                                0,
                                Math.min(contents[i - 1].length, contents[i].length) / 2);
                    }
                    try (Database alone = Database.inMemory()) {
                        attachments[i] = put(alone, contents[i]);
                        Set<Cid> all = new HashSet<>();
                        alone.embedded().attachments().store().forEach(all::add);
                        blocks.add(all);
                    }
                    if (random.nextBoolean()) {
                        put(db, contents[i]);
                        db.put("d" + i, Map.of("f", attachments[i].stub()));
                        steps.add("put " + i);
                    } else {
                        put(source, contents[i]);
                        source.put("d" + i, Map.of("f", attachments[i].stub()));
                        Replicas.commit(db, Replicas.events(source));
                        fetch(source, i);
                        steps.add("fetch " + i);
                    }
                    here.add(i);
                }
                for (int round = 0; round < 1 + random.nextInt(3); round++) {
                    int victim = random.nextInt(CONTENTS);
                    fail();
                    here.remove(victim);
                    try {
                        act(source, victim);
                    } catch (SyncException e) {
                        steps.add("failed: " + e.kind());
                    }
                    if (!disk.hasStopped() && random.nextBoolean()) {
                        disk.with((operation, kind) -> SimulatedDisk.Fault.NONE);
                        check("before a crash");
                    }
                    crash();
                    check("after a crash");
                }
                db.compact();
                check("in the end");
                for (int content : here) {
                    assertThat(blocks.get(content)).allMatch(cid -> exchange().block(cid) != null);
                }
                assertThat(db.erasures().remaining()).isZero();
                requireNoRemains();
                assertThat(db.verify().problems()).isEmpty();
            }
        }

        private void fail() {
            int at = disk.operations() + random.nextInt(60);
            int to = at + 1 + random.nextInt(4);
            boolean crash = random.nextInt(3) != 0;
            steps.add((crash ? "crash at " : "error at ") + (at - disk.operations()));
            disk.with((operation, kind) -> operation < at || operation >= to
                    ? SimulatedDisk.Fault.NONE
                    : crash ? SimulatedDisk.Fault.CRASH : SimulatedDisk.Fault.ERROR);
        }

        private void act(Database source, int victim) {
            switch (random.nextInt(3)) {
                case 0 -> {
                    steps.add("erase d" + victim);
                    db.erasures().erase(List.of("d" + victim));
                }
                case 1 -> {
                    steps.add("erase content " + victim);
                    db.erasures().erase(attachments[victim]);
                }
                default -> {
                    steps.add("told of " + victim);
                    source.erasures().erase(attachments[victim]);
                    Replicas.commit(db, Replicas.events(source));
                    if (random.nextBoolean()) {
                        db.attachments().collect();
                    }
                }
            }
        }

        private void crash() {
            disk.stop();
            db.close();
            disk = disk.restart(new Random(random.nextLong()));
            db = open();
        }

        private void check(String when) {
            Set<Integer> erased = new TreeSet<>();
            for (int i = 0; i < CONTENTS; i++) {
                if (db.erasures().roots().contains(attachments[i].root())) {
                    erased.add(i);
                }
            }
            assertThat(erased).as(when).doesNotContainAnyElementsOf(here);
            for (int content : here) {
                try (InputStream in = db.attachments().open(attachments[content])) {
                    assertThat(in.readAllBytes())
                            .as("%s: content %d", when, content)
                            .isEqualTo(contents[content]);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
            Set<Cid> shared = new HashSet<>();
            IntStream.range(0, CONTENTS).filter(i -> !erased.contains(i)).forEach(i -> shared.addAll(blocks.get(i)));
            for (int gone : erased) {
                for (Cid cid : blocks.get(gone)) {
                    assertThat(shared.contains(cid)
                                    || exchange().block(cid) == null
                                            && !exchange().has(cid))
                            .as("%s: block %s of content %d is kept back", when, cid, gone)
                            .isTrue();
                }
            }
            if (db.erasures().remaining() == 0) {
                requireNoRemains();
            }
        }

        private void requireNoRemains() {
            Set<Cid> erased = db.erasures().roots();
            byte[][] others = IntStream.range(0, CONTENTS)
                    .filter(i -> !erased.contains(attachments[i].root()))
                    .mapToObj(i -> contents[i])
                    .toArray(byte[][]::new);
            for (int i = 0; i < CONTENTS; i++) {
                if (erased.contains(attachments[i].root())) {
                    assertThat(Remains.in(disk, contents[i], others))
                            .as("of content " + i)
                            .isZero();
                }
            }
        }

        private static Attachment put(Database db, byte[] content) {
            try {
                return db.attachments().put(new ByteArrayInputStream(content), "a/b");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private void fetch(Database from, int content) {
            try (BlockRequests requests = exchange().requests(() -> {});
                    InputStream reading = db.attachments().open(attachments[content])) {
                for (List<Cid> wanted = requests.next(4); !wanted.isEmpty(); wanted = requests.next(4)) {
                    for (Cid cid : wanted) {
                        Block block = from.replica().blocks().orElseThrow().block(cid);
                        assertThat(block).isNotNull();
                        requests.received(block);
                    }
                }
                assertThat(reading.readAllBytes()).isEqualTo(contents[content]);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private BlockExchange exchange() {
            return db.replica().blocks().orElseThrow();
        }
    }
}
