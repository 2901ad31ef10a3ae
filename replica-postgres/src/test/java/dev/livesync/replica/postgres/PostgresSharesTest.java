package dev.livesync.replica.postgres;

import static dev.livesync.replica.postgres.PostgresEvents.commit;
import static dev.livesync.replica.postgres.PostgresEvents.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A database whose statements hang keeps no other one waiting, on a real server. */
@ExtendWith(OnePostgres.class)
@Timeout(60)
class PostgresSharesTest {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final int READERS = 20;

    private final String busy = "busy " + NAMES.incrementAndGet();
    private final String quiet = "quiet " + NAMES.incrementAndGet();
    private final ExecutorService executor = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        executor.shutdownNow();
    }

    @Test
    void aDatabaseWhoseReadersHangKeepsNobodyFromCommitting() throws Exception {
        try (TextProxy proxy = new TextProxy(OnePostgres.server().port(), busy);
                PostgresStore store = PostgresStore.connect(proxy.url(), PostgresOptions.DEFAULT)) {
            PostgresReplica hanging = store.open(busy);
            PostgresReplica other = store.open(quiet);
            Block block = Block.of(Cid.RAW, new byte[] {1, 2, 3});
            hanging.commit(commit(block));
            store.clearCache();

            proxy.arm();
            AtomicInteger begun = new AtomicInteger();
            List<CompletableFuture<Block>> readers = new ArrayList<>();
            try (Snapshot snapshot = hanging.snapshot()) {
                for (int n = 0; n < READERS; n++) {
                    readers.add(CompletableFuture.supplyAsync(
                            () -> {
                                begun.incrementAndGet();
                                return snapshot.block(block.cid());
                            },
                            executor));
                }
                await().until(() -> begun.get() == READERS && proxy.stalled() >= 4);

                Event event = put("event");
                CompletableFuture<Boolean> committed = CompletableFuture.supplyAsync(
                        () -> other.commit(commit(event)).accepted().contains(event.cid()), executor);
                assertThat(committed.get(30, TimeUnit.SECONDS)).isTrue();
                assertThat(readers).noneMatch(CompletableFuture::isDone);
                assertThat(proxy.stalled()).isLessThanOrEqualTo(PostgresOptions.DEFAULT.poolSize() / 2);

                proxy.release();
                for (CompletableFuture<Block> reader : readers) {
                    assertThat(reader.get(30, TimeUnit.SECONDS)).isEqualTo(block);
                }
            }
        }
    }

    @Test
    void aDatabaseWhoseCheckpointsAreSlowKeepsNobodyFromCommitting() throws Exception {
        try (PostgresStore store = PostgresStore.connect(OnePostgres.server().url(), PostgresOptions.DEFAULT)) {
            PostgresReplica slow = store.open(busy);
            PostgresReplica other = store.open(quiet);
            AtomicInteger begun = new AtomicInteger();
            CountDownLatch goesOn = new CountDownLatch(1);
            List<CompletableFuture<Void>> savers = new ArrayList<>();
            for (int n = 0; n < READERS; n++) {
                String name = "checkpoint " + n;
                savers.add(CompletableFuture.runAsync(
                        () -> slow.checkpoints().save(name, out -> {
                            begun.incrementAndGet();
                            awaitUnlessInterrupted(goesOn);
                            out.write(1);
                        }),
                        executor));
            }
            await().until(() -> begun.get() >= 4);

            Event event = put("event");
            CompletableFuture<Boolean> committed = CompletableFuture.supplyAsync(
                    () -> other.commit(commit(event)).accepted().contains(event.cid()), executor);
            assertThat(committed.get(30, TimeUnit.SECONDS)).isTrue();
            assertThat(begun.get()).isLessThanOrEqualTo(PostgresOptions.DEFAULT.poolSize() / 2);

            goesOn.countDown();
            for (CompletableFuture<Void> saver : savers) {
                saver.get(30, TimeUnit.SECONDS);
            }
        }
    }

    private static void awaitUnlessInterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aDatabaseThatCannotBeFollowedKeepsNobodyFromNews() throws Exception {
        try (TextProxy proxy = new TextProxy(OnePostgres.server().port(), busy);
                PostgresStore here = PostgresStore.connect(proxy.url(), PostgresOptions.DEFAULT);
                PostgresStore there = PostgresStore.connect(OnePostgres.server().url(), PostgresOptions.DEFAULT)) {
            PostgresReplica hanging = here.open(busy);
            PostgresReplica other = here.open(quiet);
            Event missed = put("missed");
            Event news = put("news");

            proxy.arm();
            there.open(busy).commit(commit(missed));
            await().until(() -> proxy.stalled() > 0);
            there.open(quiet).commit(commit(news));
            await().until(() -> has(other, news));
            assertThat(has(hanging, missed)).isFalse();

            proxy.release();
            await().until(() -> has(hanging, missed));
        }
    }

    private static boolean has(PostgresReplica replica, Event event) {
        try (Snapshot snapshot = replica.snapshot()) {
            return snapshot.heads().contains(event.cid());
        }
    }
}
