package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.disk.Disks;
import dev.livesync.database.disk.HeldDisk;
import dev.livesync.database.disk.HeldDisk.Step;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.maintenance.Verification;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Compaction and checkpoints keep no writer waiting, wherever they are. */
@ExtendWith(Quiet.class)
@Timeout(120)
class MaintenanceTest {
    private static final long PATIENCE_SECONDS = 30;
    private static final DatabaseOptions SMALL =
            DatabaseOptions.builder().segmentBytes(1 << 15).cacheBytes(0).build();

    private int puts;

    private void put(Database db) {
        db.put("d" + puts % 50, Map.of("n", puts++, "text", "t".repeat(100)));
    }

    /** Puts until something is held, and goes on; all of it on a thread that may be what is held. */
    private void goesOnWhile(Predicate<Step> steps) throws Exception {
        HeldDisk disk = new HeldDisk();
        Database db = Database.on(disk, null, SMALL);
        disk.hold(steps);
        try {
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 20_000 && !disk.isHolding(); i++) {
                    put(db);
                }
                for (int i = 0; i < 200; i++) { // enough for new segments, too
                    put(db);
                    Replicas.commit(db, Replicas.PEER, Replicas.put("peer" + i, "{}"));
                }
            });
            disk.awaitHolding();
            writer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } finally {
            disk.release();
            db.close();
        }
        try (Database again = SimulatedDatabase.open(Disks.of(Disks.bytes(disk)), SMALL)) {
            assertThat(again.all()).hasSize(250);
            assertThat(again.summary().events()).isGreaterThanOrEqualTo(puts + 200);
            assertThat(again.verify().problems()).isEmpty();
        }
    }

    @Test
    void puttingGoesOnWhileASegmentIsWrittenAnew() throws Exception {
        goesOnWhile(step -> step.file().startsWith("segment") && step.file().endsWith(".tmp"));
    }

    @Test
    void puttingGoesOnWhileANewSegmentTakesItsPlaceOnTheDisk() throws Exception {
        goesOnWhile(step -> step.operation().equals("force") && step.file().endsWith(".tmp"));
    }

    @Test
    void puttingGoesOnWhileACheckpointIsWritten() throws Exception {
        goesOnWhile(step -> step.operation().equals("write") && step.file().startsWith("checkpoint"));
    }

    @Test
    void puttingGoesOnWhileACheckpointIsForced() throws Exception {
        goesOnWhile(step -> step.operation().equals("force") && step.file().startsWith("checkpoint"));
    }

    /** What is alive is found out by reading trees. */
    @Test
    void puttingGoesOnWhileTreesAreRead() throws Exception {
        HeldDisk disk = new HeldDisk();
        Database db = Database.on(disk, null, SMALL);
        for (int i = 0; i < 500; i++) {
            put(db);
        }
        CompletableFuture<Void> compaction;
        try {
            Thread[] compacting = new Thread[1];
            disk.hold(step -> step.operation().equals("read") && step.thread() == compacting[0]);
            compaction = CompletableFuture.runAsync(() -> {
                compacting[0] = Thread.currentThread();
                db.compact();
            });
            disk.awaitHolding();
            CompletableFuture.runAsync(() -> {
                        for (int i = 0; i < 200; i++) {
                            put(db);
                        }
                    })
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } finally {
            disk.release();
        }
        compaction.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(db.all()).hasSize(50);
        assertThat(db.verify().problems()).isEmpty();
        db.close();
    }

    /** After many documents of peers the next writer has the whole tree to make. Peers need no tree. */
    @Test
    void commitsOfPeersGoOnWhileATreeIsMadeAnew() throws Exception {
        aTreeIsMadeAnewWhile(this::change);
    }

    /** Then two make it, and the one who began first must not have the last word. */
    @Test
    void aPeerWhoseHeadsAreToBeMergedMakesTheTreeMeanwhile() throws Exception {
        aTreeIsMadeAnewWhile((db, last) -> {
            change(db, last);
            for (int i = 0; i < 5; i++) {
                Replicas.commit(db, Replicas.PEER, Replicas.put("head" + i, "{}", last));
            }
            assertThat(db.clock()).hasSizeLessThan(5);
        });
    }

    private void change(Database db, Event from) {
        Event last = from;
        for (int i = 0; i < 100; i++) {
            last = i % 3 == 0
                    ? Replicas.delete("d" + i, true, last)
                    : Replicas.put("d" + i, "{\"again\":" + i + "}", last);
            Replicas.commit(db, Replicas.PEER, last);
        }
    }

    private void aTreeIsMadeAnewWhile(BiConsumer<Database, Event> meanwhile) throws Exception {
        DatabaseOptions options =
                SMALL.toBuilder().mostHeads(3).maintenance(task -> {}).build();
        HeldDisk disk = new HeldDisk();
        Database db = Database.on(disk, null, options);
        List<Event> chain = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            Event[] parents = chain.isEmpty() ? new Event[0] : new Event[] {chain.get(chain.size() - 1)};
            chain.add(Replicas.put("d" + i % 4_500, "{\"n\":" + i + "}", parents));
        }
        Replicas.commit(db, chain);
        CompletableFuture<Void> writer;
        try {
            Thread[] writing = new Thread[1];
            disk.hold(step -> step.operation().equals("read") && step.thread() == writing[0]);
            writer = CompletableFuture.runAsync(() -> {
                writing[0] = Thread.currentThread();
                db.put("own", "{}");
            });
            disk.awaitHolding();
            CompletableFuture.runAsync(() -> meanwhile.accept(db, chain.get(chain.size() - 1)))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } finally {
            disk.release();
        }
        writer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        db.compact();
        db.put("after", "{}");
        requireCanonicalTree(db);
        Map<String, String> documents = Replicas.documents(db);
        assertThat(documents).hasSizeGreaterThan(4_400).containsKeys("own", "after");
        db.close();
        for (boolean checkpoint : new boolean[] {true, false}) {
            NavigableMap<String, byte[]> files = new TreeMap<>(Disks.bytes(disk));
            if (!checkpoint) {
                files.remove("checkpoint.idx");
            }
            try (Database again = SimulatedDatabase.open(Disks.of(files), options)) {
                assertThat(Replicas.documents(again)).isEqualTo(documents);
                requireCanonicalTree(again);
                again.put("later", "{}");
                requireCanonicalTree(again);
            }
        }
    }

    /** Of what was written last the tree is stored, and it is that of the documents. */
    private static void requireCanonicalTree(Database db) {
        assertThat(db.verify().problems()).isEmpty();
        try (Snapshot s = db.replica().snapshot()) {
            Cid head = s.heads().get(0);
            assertThat(s.heads()).hasSize(1);
            dev.livesync.api.replica.Tree canonical = s.canonicalTree(s.heads());
            assertThat(s.event(head).root()).isEqualTo(canonical.root());
            List<Cid> nodes = new ArrayList<>();
            canonical.blocks().forEachRemaining(node -> nodes.add(node.cid()));
            assertThat(s.missing(nodes)).isEmpty();
        }
    }

    /** Else what it has not read yet is missing, and it would call that damage. */
    @Test
    void aVerificationReadsWhatWasThereWhenItBegan() {
        try (Database db = Database.on(new MemoryDisk(), null, SMALL)) {
            for (int i = 0; i < 1_500; i++) {
                put(db);
            }
            AtomicBoolean compacted = new AtomicBoolean();
            Verification found = db.verify((done, total) -> {
                if (done < total && compacted.compareAndSet(false, true)) {
                    db.compact();
                }
            });
            assertThat(compacted).isTrue();
            assertThat(found.problems()).isEmpty();
        }
    }

    /** What was written is durable, whatever becomes of what is to be done some time. */
    @Test
    void anExecutorThatFailsIsNoFailureOfAWrite() {
        for (Throwable failure :
                new Throwable[] {new IllegalStateException("no"), new OutOfMemoryError("unable to create native thread")
                }) {
            int[] asked = {0};
            DatabaseOptions options = SMALL.toBuilder()
                    .maintenance(task -> {
                        asked[0]++;
                        throwIt(failure);
                    })
                    .build();
            try (Database db = Database.inMemory(options)) {
                for (int i = 0; i < 1_000; i++) {
                    put(db);
                }
                assertThat(asked[0]).as("asked again by later writes").isGreaterThan(1);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwIt(Throwable failure) throws T {
        throw (T) failure;
    }
}
