package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.replica.postgres.ConnectionShares.ConnectionShare;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ten connections, of which two are nobody's. */
@Timeout(60)
class ConnectionSharesTest {
    private final ConnectionShares hasty = new ConnectionShares(10, Duration.ofMillis(1));
    private final ExecutorService executor = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        executor.shutdownNow();
    }

    private static ConnectionShare take(ConnectionShares shares, String database, int count) throws SQLException {
        ConnectionShare share = shares.new ConnectionShare(database);
        for (int n = 0; n < count; n++) {
            share.acquire();
        }
        return share;
    }

    private static void assertRefused(ConnectionShare share) {
        assertThatThrownBy(share::acquire)
                .isInstanceOf(SQLTransientConnectionException.class)
                .hasMessageContaining("one of the 4 connections");
    }

    @Test
    void oneDatabaseHasHalfOfThem() throws SQLException {
        ConnectionShare share = take(hasty, "a", 4);
        assertRefused(share);
        share.release();
        share.acquire();
        assertRefused(share);
    }

    @Test
    void theLastOnesAreForWhoHasNone() throws SQLException {
        take(hasty, "a", 4);
        ConnectionShare second = take(hasty, "b", 2);
        assertRefused(second);
        take(hasty, "c", 1);
        take(hasty, "d", 1);
        assertRefused(take(hasty, "e", 0));
        second.release();
        assertRefused(second);
        take(hasty, "f", 1);
    }

    @Test
    void databasesThatWaitAreServedInTurn() throws Exception {
        ConnectionShares shares = new ConnectionShares(4, Duration.ofMinutes(1));
        ConnectionShare first = take(shares, "a", 2);
        ConnectionShare second = shares.new ConnectionShare("b");
        List<String> served = new ArrayList<>();
        CompletableFuture<?>[] all = {
            wait(first, "a", served), wait(first, "a", served), wait(second, "b", served), wait(second, "b", served)
        };
        first.release();
        CompletableFuture.allOf(all).get(30, TimeUnit.SECONDS);
        assertThat(served).containsExactly("a", "b", "a", "b");
    }

    /** Waits on a thread of its own; gives back what it gets. Returns when it waits. */
    private CompletableFuture<Void> wait(ConnectionShare share, String name, List<String> served) {
        Thread[] thread = new Thread[1];
        CompletableFuture<Void> done = CompletableFuture.runAsync(
                () -> {
                    thread[0] = Thread.currentThread();
                    try {
                        share.acquire();
                        synchronized (served) {
                            served.add(name);
                        }
                        share.release();
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                executor);
        await().until(() -> thread[0] != null && thread[0].getState() == Thread.State.TIMED_WAITING);
        return done;
    }

    @Test
    void whoIsInterruptedTakesNothing() throws Exception {
        ConnectionShares shares = new ConnectionShares(4, Duration.ofMinutes(1));
        ConnectionShare share = take(shares, "a", 2);
        Thread.currentThread().interrupt();
        assertThatThrownBy(share::acquire).hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        share.release();
        share.acquire();
    }

    @Test
    void nobodyIsForgottenAndNobodyHasMoreThanHisShare() throws Exception {
        long seed = System.nanoTime();
        ConnectionShares shares = new ConnectionShares(8, Duration.ofMinutes(1));
        AtomicInteger all = new AtomicInteger();
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int database = 0; database < 5; database++) {
            ConnectionShare share = shares.new ConnectionShare("d" + database);
            AtomicInteger here = new AtomicInteger();
            for (int n = 0; n < 5; n++) {
                Random random = new Random(seed + threads.size());
                threads.add(CompletableFuture.runAsync(
                        () -> {
                            for (int round = 0; round < 50; round++) {
                                try {
                                    share.acquire();
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                                assertThat(here.incrementAndGet()).isLessThanOrEqualTo(shares.each());
                                assertThat(all.incrementAndGet()).isLessThanOrEqualTo(6);
                                for (int turn = random.nextInt(3); turn > 0; turn--) {
                                    LockSupport.parkNanos(1); // others have their turn
                                }
                                all.decrementAndGet();
                                here.decrementAndGet();
                                share.release();
                            }
                        },
                        executor));
            }
        }
        for (CompletableFuture<Void> thread : threads) {
            assertThat(thread).as("seed %d", seed).succeedsWithin(Duration.ofSeconds(50));
        }
        assertThat(all).hasValue(0);
    }
}
