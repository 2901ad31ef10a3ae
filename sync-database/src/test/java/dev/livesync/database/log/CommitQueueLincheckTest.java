package dev.livesync.database.log;

import static dev.livesync.database.schedules.Schedules.require;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.FailingDisk;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.schedules.Schedules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Threads commit. Whatever order they come in, each transaction is published once, in the order of adding, before its thread
 * goes on; or it failed, and so did all after it. The log beneath is one step to Lincheck.
 */
class CommitQueueLincheckTest {
    private static final int SCHEDULES = 30;

    /** What was published; by one thread at a time, the queue sees to that. */
    private static final class Published {
        private final int[] numbers = new int[16];
        private int count;

        void add(int number) {
            numbers[count++] = number;
        }

        /** Counted from one; zero for what was not published. */
        int place(int number) {
            for (int i = 0; i < count; i++) {
                if (numbers[i] == number) {
                    return i + 1;
                }
            }
            return 0;
        }
    }

    /** A queue over a log in memory. One after the other, commits are published in the order of adding. */
    public static class Commits {
        private static final Block BLOCK = Block.of(Cid.RAW, "a".getBytes(StandardCharsets.UTF_8));

        final FailingDisk disk = new FailingDisk(new MemoryDisk());
        private final Published published = new Published();
        private final CommitQueue<Integer> queue;
        private int added;

        public Commits() throws IOException {
            SegmentLog log = SegmentLog.open(disk, 1 << 20, new Random(1));
            log.scan(payload -> {});
            queue = new CommitQueue<>(log, new BlockStore(log, 1, 0), published::add);
        }

        /** Under the writer's lock, as a database adds. */
        private synchronized CommitQueue.Ticket<Integer> add() {
            int number = ++added;
            Transaction transaction = new Transaction(
                    0, true, "", List.of(), List.of(), List.of(new Transaction.Entry(BLOCK, false)), List.of(), null);
            return queue.add(transaction, () -> number);
        }

        /** Whether a transaction has been published in its place when its thread goes on. */
        @Operation
        public boolean commit() {
            CommitQueue.Ticket<Integer> ticket = add();
            queue.await(ticket);
            return published.place(ticket.publication()) == ticket.publication();
        }
    }

    /** As {@link Commits}, on a disk that fails once a record has been written. */
    public static class FailingCommits {
        private final Commits commits = new Commits();

        public FailingCommits() throws IOException {
            commits.disk.fail(FailingDisk.Fault.FORCE, 1);
        }

        /** Fails or is published: an assertion instead of a sequential specification, because it depends on who waits together. */
        @Operation
        public void commit() {
            CommitQueue.Ticket<Integer> ticket = commits.add();
            boolean failed = false;
            try {
                commits.queue.await(ticket);
            } catch (SyncException e) {
                failed = true;
            }
            require(failed == (commits.published.place(ticket.publication()) == 0), "published and failed, or neither");
        }

        /** Once something failed all fails. */
        @Validate
        public void published() {
            for (int i = 1; i <= commits.published.count; i++) {
                require(commits.published.place(i) == i, "published " + i + " in place " + commits.published.place(i));
            }
        }
    }

    @Test
    void eachIsPublishedOnceAndInOrderAndBeforeItsThreadGoesOn() {
        Schedules.check(SCHEDULES, Commits.class);
    }

    @Test
    void eachIsPublishedOrFails() {
        Schedules.check(SCHEDULES, FailingCommits.class);
    }

    @Test
    @Tag("soak")
    void manySchedules() {
        Schedules.check(100 * SCHEDULES, Commits.class);
        Schedules.check(100 * SCHEDULES, FailingCommits.class);
    }

    /** The planted defect: takes its group before it has the lock under which groups are written. */
    public static class TakingUnlocked {
        private final Published published = new Published();
        private final Object writing = new Object();
        private int added;
        private int taken;

        private synchronized int add() {
            return ++added;
        }

        private synchronized int[] take() {
            int[] group = {taken + 1, added};
            taken = added;
            return group;
        }

        @Operation
        public boolean commit() {
            int number = add();
            int[] group = take();
            synchronized (writing) {
                for (int i = group[0]; i <= group[1]; i++) {
                    published.add(i);
                }
            }
            return published.place(number) == number;
        }
    }

    @Test
    void aGroupTakenUnlockedIsFound() {
        Schedules.checkFound(SCHEDULES, TakingUnlocked.class, "commit(): false");
    }
}
