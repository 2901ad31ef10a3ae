package dev.livesync.it.hubs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.replica.postgres.PostgresOptions;
import dev.livesync.replica.postgres.PostgresReplica;
import dev.livesync.replica.postgres.PostgresStore;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Blocks of three nodes are read at the standbys, while primaries are killed: whatever is read is right, and nearly all of it is no load for the primary. */
@Tag("soak")
class StandbyReadsSoakTest {
    private static final int KILLS = Integer.getInteger("livesync.hubs.kills", 100) / 10;
    private static final int READERS = 4;
    private static final Duration LONG = Duration.ofMinutes(5);

    private final List<Block> stored = new CopyOnWriteArrayList<>();
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicReference<Throwable> wrong = new AtomicReference<>();
    private final AtomicBoolean stop = new AtomicBoolean();

    @Test
    void whatIsReadIsRightAndNoLoadForThePrimary() throws Exception {
        List<Thread> threads = new ArrayList<>();
        try (PostgresNodes nodes = PostgresNodes.start(3).supervised();
                PostgresStore store = PostgresStore.connect(
                        nodes.url(),
                        PostgresOptions.DEFAULT.toBuilder()
                                .cacheBytes(0)
                                .reads(nodes.url().replace("=primary", "=preferSecondary"))
                                .build())) {
            PostgresReplica replica = store.open("notes");
            for (int n = 0; n < 1_000; n++) {
                write(replica, n);
            }
            for (int n = 0; n < READERS; n++) {
                Random random = new Random(n);
                Thread thread = new Thread(() -> readOn(replica, random), "reader-" + n);
                threads.add(thread);
                thread.start();
            }
            awaitReads(20_000);
            long[] atFirst = scans(nodes);
            long before = read.get();
            awaitReads(20_000);
            await().atMost(LONG).until(() -> sum(scans(nodes)) - sum(atFirst) >= (read.get() - before) / 2);
            long[] then = scans(nodes);
            int primary = nodes.primary() - 1;
            long there = then[primary] - atFirst[primary];
            long all = sum(then) - sum(atFirst);
            System.out.printf("reads: %d lookups of blocks at three nodes, %d of them at the primary%n", all, there);
            assertThat(there).isLessThan(all / 10);

            for (int n = 0; n < KILLS; n++) {
                nodes.failover();
                write(replica, 1_000 + n);
                awaitReads(1_000);
            }
            System.out.printf(
                    "reads: %d over %d kills of a primary, %d refused meanwhile, none wrong%n",
                    read.get(), KILLS, failed.get());
            end(threads);
        } finally {
            end(threads);
        }
        assertThat(wrong.get()).isNull();
        assertThat(threads).noneMatch(Thread::isAlive);
    }

    /** Before the store is closed. */
    private void end(List<Thread> threads) throws InterruptedException {
        stop.set(true);
        for (Thread thread : threads) {
            thread.join(LONG.toMillis());
        }
    }

    private void write(PostgresReplica replica, int number) {
        Block block = Block.of(Cid.RAW, ByteBuffer.allocate(400).putInt(number).array());
        await().atMost(LONG).pollInterval(Duration.ofMillis(50)).until(() -> {
            try {
                replica.commit(new Commit(List.of(block), List.of(), Origin.LOCAL));
                return true;
            } catch (SyncException e) {
                assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE);
                return false;
            }
        });
        stored.add(block);
    }

    private void readOn(PostgresReplica replica, Random random) {
        while (!stop.get() && wrong.get() == null) {
            Block wanted = stored.get(random.nextInt(stored.size()));
            try (Snapshot snapshot = replica.snapshot()) {
                Block found = snapshot.block(wanted.cid());
                if (!wanted.equals(found)) {
                    throw new AssertionError("read " + found + " in place of " + wanted);
                }
                read.incrementAndGet();
            } catch (SyncException e) {
                if (e.kind() != ErrorKind.STORAGE) {
                    wrong.set(e);
                }
                failed.incrementAndGet();
            } catch (AssertionError e) {
                wrong.set(e);
            }
        }
    }

    private void awaitReads(long more) {
        long wanted = read.get() + more;
        await().atMost(LONG).until(() -> read.get() >= wanted || wrong.get() != null);
        assertThat(wrong.get()).isNull();
    }

    /** How often each node has looked for blocks by their names. */
    private static long[] scans(PostgresNodes nodes) throws Exception {
        long[] scans = new long[3];
        for (int n = 1; n <= scans.length; n++) {
            scans[n - 1] = Long.parseLong(
                    nodes.query(n, "select idx_scan from pg_stat_user_tables where relname = 'livesync_blocks'"));
        }
        return scans;
    }

    private static long sum(long[] scans) {
        long sum = 0;
        for (long each : scans) {
            sum += each;
        }
        return sum;
    }
}
