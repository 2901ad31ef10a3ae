package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.database.disk.HeldDisk;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When is a put durable, and who waits for what? */
@Timeout(120)
class GroupCommitTest {
    private final HeldDisk disk = new HeldDisk();

    private static Thread put(Database db, String id) {
        Thread thread = new Thread(() -> db.put(id, "{}"));
        thread.start();
        return thread;
    }

    @Test
    void writersWhoWaitTogetherShareOneForce() throws InterruptedException {
        try (Database db = Database.on(disk, null, DatabaseOptions.defaults());
                HeldDisk.Releasing released = disk::release) {
            db.put("before", "{}");
            disk.hold(HeldDisk.FORCES);
            List<Thread> threads = new ArrayList<>();
            threads.add(put(db, "first"));
            disk.awaitHolding();
            for (int i = 0; i < 10; i++) {
                threads.add(put(db, "d" + i));
            }
            await().until(() -> threads.stream().allMatch(t -> t.getState() == Thread.State.WAITING));
            assertThat(db.all()).as("nothing is visible before it is durable").hasSize(1);
            int before = disk.forces();
            disk.release();
            for (Thread t : threads) {
                t.join();
            }
            assertThat(db.all()).hasSize(12);
            assertThat(disk.forces() - before)
                    .as("one for the first, one for all others")
                    .isEqualTo(2);
            assertThat(db.clock()).hasSize(1);
        }
    }

    @Test
    void readersDoNotWaitForTheDisk() throws InterruptedException {
        try (Database db = Database.on(disk, null, DatabaseOptions.defaults());
                HeldDisk.Releasing released = disk::release) {
            db.put("before", "{}");
            disk.hold(HeldDisk.FORCES);
            Thread writer = put(db, "x");
            disk.awaitHolding();
            assertThat(db.get("before")).isPresent();
            assertThat(db.get("x")).isEmpty();
            assertThat(db.replica().snapshot().heads()).hasSize(1);
            assertThat(db.changesSince(List.of()).changes()).hasSize(1);
            disk.release();
            writer.join();
            assertThat(db.get("x")).isPresent();
        }
    }

    /** A commit that brings nothing new is as durable as the one that brought it. */
    @Test
    void whoBuildsOnACommitWaitsForIt() throws InterruptedException {
        try (Database db = Database.on(disk, null, DatabaseOptions.defaults());
                HeldDisk.Releasing released = disk::release) {
            var event = Replicas.put("a", "{}");
            disk.hold(HeldDisk.FORCES);
            Thread first = new Thread(() -> Replicas.commit(db, Replicas.PEER, event));
            first.start();
            disk.awaitHolding();
            Thread second = new Thread(() -> Replicas.commit(db, Replicas.OTHER, event));
            second.start();
            await().until(() -> second.getState() == Thread.State.WAITING);
            disk.release();
            first.join();
            second.join();
            assertThat(db.clock()).containsExactly(event.cid());
        }
    }
}
