package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.disk.HeldDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What was written a moment ago is read from memory: the disk and the hash are for what comes from the disk. */
class WrittenBlocksTest {
    private final HeldDisk disk = new HeldDisk();
    private final AtomicInteger reads = new AtomicInteger();

    private Database open() {
        disk.hold(step -> {
            if (step.operation().equals("read")) {
                reads.incrementAndGet();
            }
            return false;
        });
        return SimulatedDatabase.open(disk, DatabaseOptions.defaults());
    }

    private static Cursor end(Database db) {
        try (Snapshot snapshot = db.replica().snapshot()) {
            return snapshot.cursor();
        }
    }

    /** What a session does that has something to send. */
    private static List<Block> sent(Database db, Cursor after) {
        List<Block> blocks = new ArrayList<>();
        try (Snapshot snapshot = db.replica().snapshot()) {
            for (Change change : db.replica().changes(after, 100).changes()) {
                List<Cid> cids = new ArrayList<>(change.nodes());
                cids.addAll(change.events());
                cids.forEach(cid -> blocks.add(snapshot.block(cid)));
            }
        }
        return blocks;
    }

    private void fill(Database db) {
        db.write(batch -> {
            for (int i = 0; i < 500; i++) {
                batch.put("d" + i, "{\"n\":" + i + "}");
            }
        });
    }

    @Test
    void aPutIsSentWithoutTheDisk() {
        try (Database db = open()) {
            fill(db);
            for (int i = 1; i <= 20; i++) {
                Cursor before = end(db);
                reads.set(0);
                db.put("d" + 7 * i, "{\"n\":" + -i + "}");
                assertThat(sent(db, before)).hasSizeGreaterThan(1);
                assertThat(reads).as("reads of put %d", i).hasValue(0);
            }
        }
    }

    @Test
    void aPutIsSentWithoutTheDiskAfterACompaction() {
        try (Database db = open()) {
            fill(db);
            db.put("d1", "{\"n\":-1}");
            Cursor before = end(db);
            db.put("d2", "{\"n\":-2}");
            db.compact();
            reads.set(0);
            assertThat(sent(db, before)).isNotEmpty();
            db.put("d3", "{\"n\":-3}");
            assertThat(reads).hasValue(0);
        }
    }

    @Test
    void whatAPeerSentIsPassedOnWithoutTheDisk() {
        try (Database db = open()) {
            Event first = Replicas.put("a", "{\"n\":1}");
            Replicas.commit(db, Replicas.PEER, first);
            Cursor before = end(db);
            reads.set(0);
            Replicas.commit(db, Replicas.PEER, Replicas.put("a", "{\"n\":2}", first));
            assertThat(sent(db, before)).hasSize(1);
            assertThat(db.get("a").orElseThrow().json()).isEqualTo("{\"n\":2}");
            assertThat(reads).hasValue(0);
        }
    }

    @Test
    void whatIsMoreThanTheCacheHoldsIsReadAndChecked() {
        DatabaseOptions small = DatabaseOptions.builder().cacheBytes(10_000).build();
        try (Database db = SimulatedDatabase.open(disk, small)) {
            fill(db);
            assertThat(db.all()).hasSize(500);
            assertThat(db.verify().problems()).isEmpty();
        }
    }
}
