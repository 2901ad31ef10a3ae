package dev.livesync.it.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.KeptPeer;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.database.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A tenth of all connections is cut again and again while everybody writes: afterwards everybody is in step, without anybody's help. */
class CutConnectionsTest {
    private static final double TENTH = 0.1;

    @Test
    void fiveOfFiveAreInStepAgain() throws Exception {
        peers(5, 20, Duration.ofMillis(150));
    }

    @Test
    @Tag("soak")
    void fiftyOfFiftyAreInStepAgain() throws Exception {
        peers(50, 60, Duration.ofSeconds(1));
    }

    private static void peers(int count, int ticks, Duration tick) throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<Database> databases = new ArrayList<>();
        List<Sync> syncs = new ArrayList<>();
        List<KeptPeer> kept = new ArrayList<>();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        try (Database here = Database.inMemory();
                Sync hub = Sync.builder(here).build();
                CuttingRelay relay = new CuttingRelay(
                        hub.listen("ws://127.0.0.1:0/").get(1, TimeUnit.MINUTES).address())) {
            for (int i = 0; i < count; i++) {
                Database database = Database.inMemory();
                databases.add(database);
                Sync sync = Sync.builder(database)
                        .limits(SyncLimits.builder()
                                .deliveryTime(Duration.ofSeconds(1))
                                .closeTime(Duration.ofSeconds(1))
                                .build())
                        .build();
                syncs.add(sync);
                kept.add(sync.keep(relay.address()));
            }
            for (KeptPeer peer : kept) {
                peer.connected().get(1, TimeUnit.MINUTES);
            }
            AtomicInteger cut = new AtomicInteger();
            AtomicReference<Exception> failure = new AtomicReference<>();
            CountDownLatch left = new CountDownLatch(ticks);
            Future<?> ticking = timer.scheduleAtFixedRate(
                    () -> {
                        if (left.getCount() == 0) {
                            return;
                        }
                        try {
                            here.put("hub-" + left.getCount(), "{}");
                            for (int i = 0; i < count; i++) {
                                databases.get(i).put("peer-" + i + "-" + left.getCount(), "{}");
                            }
                            cut.addAndGet(relay.cut(TENTH, random));
                        } catch (Exception e) {
                            failure.set(e);
                        }
                        left.countDown();
                    },
                    0,
                    tick.toMillis(),
                    TimeUnit.MILLISECONDS);
            assertThat(left.await(10, TimeUnit.MINUTES)).isTrue();
            ticking.cancel(false);
            long end = System.nanoTime();
            assertThat(failure.get()).isNull();
            assertThat(cut.get()).as("connections that were cut, seed %d", seed).isPositive();
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() ->
                            databases.stream().allMatch(each -> each.clock().equals(here.clock())));
            System.out.println(count + " of " + count + " in step " + (System.nanoTime() - end) / 1_000_000
                    + " ms after the last cut, " + cut.get() + " connections were cut");
            assertThat(here.all()).hasSize(ticks * (count + 1));
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> relay.open() == count && hub.sessions().size() == count);
            assertThat(kept)
                    .as("seed %d", seed)
                    .allSatisfy(peer -> assertThat(peer.status().state()).isEqualTo(KeptPeer.State.CONNECTED));
        } finally {
            timer.shutdownNow();
            syncs.forEach(Sync::close);
            databases.forEach(Database::close);
        }
    }
}
