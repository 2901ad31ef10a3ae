package dev.livesync.core.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** After both have sent what the other lacks, both have the union; whatever the histories. */
class ReconciliationTest {
    /** Checks one pair, in both roles and all attempts; the oracle is the difference of two sets. */
    private static void check(HistoryPool pool, HistoryPool.Member a, HistoryPool.Member b, String what) {
        for (int attempt = 0; attempt < Reconciliations.ATTEMPTS; attempt++) {
            check(pool, a, b, attempt, what + ", attempt " + attempt);
            check(pool, b, a, attempt, what + ", turned round, attempt " + attempt);
        }
    }

    private static void check(HistoryPool pool, HistoryPool.Member a, HistoryPool.Member b, int attempt, String what) {
        Exchange exchange = new Exchange(a.snapshot(), b.snapshot(), attempt).run();
        assertThat(exchange.isSettled()).as(what).isTrue();
        int unasked = attempt == 0 ? ReconcileLimits.DEFAULT.unasked() : 0;
        checkSent(pool, a, b, Exchange.toSend(exchange.initiator), 0, what + ": from the initiator");
        checkSent(pool, b, a, Exchange.toSend(exchange.responder), unasked, what + ": from the responder");
        assertThat(exchange.initiator.peerClock().heads())
                .as(what)
                .isEqualTo(b.snapshot().heads());
        assertThat(exchange.responder.peerClock().heads())
                .as(what)
                .isEqualTo(a.snapshot().heads());
    }

    private static void checkSent(
            HistoryPool pool,
            HistoryPool.Member from,
            HistoryPool.Member to,
            List<Cid> sent,
            int repeats,
            String what) {
        BitSet lacks = from.has();
        lacks.andNot(to.has());
        List<Cid> expected = lacks.stream().mapToObj(pool::cid).toList();
        assertThat(sent).as(what).doesNotHaveDuplicates().containsAll(expected);
        assertThat(sent.size() - expected.size()).as(what + ": repeated").isBetween(0, repeats);
        assertThat(to.canTake(sent)).as(what + ": parents first").isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 8, 9, 63, 64, 65, 300, 5_000})
    void linearHistoriesOfWhichOneIsBehind(int common) {
        for (int more : new int[] {0, 1, 3, 64, 65, 129, 2_000}) {
            HistoryPool pool = new HistoryPool(200, common);
            HistoryPool.Member a = pool.member();
            HistoryPool.Member b = pool.member();
            a.write(common);
            b.take(a, Integer.MAX_VALUE);
            a.write(more);
            check(pool, a, b, common + " and " + more + " more");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 64, 500, 5_000})
    void forks(int common) {
        for (int each : new int[] {1, 10, 50, 200, 1_500}) {
            HistoryPool pool = new HistoryPool(200, common);
            HistoryPool.Member a = pool.member();
            HistoryPool.Member b = pool.member();
            a.write(common);
            b.take(a, Integer.MAX_VALUE);
            a.write(each);
            b.write(each / 2 + 1);
            check(pool, a, b, common + " and forks of " + each);
        }
    }

    @Test
    void manyWriters() {
        for (long seed = 1; seed <= 60; seed++) {
            Random random = new Random(seed);
            HistoryPool pool = new HistoryPool(40, (int) seed);
            List<HistoryPool.Member> members = new ArrayList<>();
            int count = 2 + random.nextInt(8);
            for (int i = 0; i < count; i++) {
                members.add(pool.member());
            }
            int steps = 20 + random.nextInt(200);
            int talk = 1 + random.nextInt(10);
            for (int i = 0; i < steps; i++) {
                HistoryPool.Member one = members.get(random.nextInt(count));
                if (random.nextInt(10) < talk) {
                    one.take(
                            members.get(random.nextInt(count)),
                            random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt(20));
                } else if (random.nextInt(20) == 0) {
                    one.writeRoots(1 + random.nextInt(3));
                } else {
                    one.write(1 + random.nextInt(random.nextInt(10) == 0 ? 100 : 5));
                }
            }
            check(pool, members.get(0), members.get(1), "seed " + seed);
        }
    }

    @Test
    void nothingInCommonAndThousandsOfHeads() {
        HistoryPool pool = new HistoryPool(40, 1);
        HistoryPool.Member a = pool.member();
        HistoryPool.Member b = pool.member();
        a.writeRoots(1_500);
        b.take(a, 1_400);
        b.writeRoots(30);
        for (int attempt = 0; attempt < Reconciliations.ATTEMPTS; attempt++) {
            Exchange exchange = new Exchange(a.snapshot(), b.snapshot(), attempt).run();
            assertThat(exchange.isSettled()).isTrue();
            checkSent(pool, a, b, Exchange.toSend(exchange.initiator), 0, "a");
            checkSent(pool, b, a, Exchange.toSend(exchange.responder), 64, "b");
            assertThat(exchange.responder.peerClock().heads()).hasSize(StatedClock.MOST_HEADS);
            assertThat(exchange.responder.peerClock().digest())
                    .isEqualTo(dev.livesync.core.message.ClockDigest.of(
                            a.snapshot().heads()));
        }
    }

    @Test
    void smallMessagesMakeManyPieces() {
        HistoryPool pool = new HistoryPool(40, 2);
        HistoryPool.Member a = pool.member();
        HistoryPool.Member b = pool.member();
        a.write(4_000);
        b.write(5_000);
        ReconcileLimits small = new ReconcileLimits(4_096, 0, 0);
        for (int attempt = 0; attempt < Reconciliations.ATTEMPTS; attempt++) {
            Exchange exchange = new Exchange(a.snapshot(), b.snapshot(), attempt, small).run();
            assertThat(exchange.isSettled()).isTrue();
            assertThat(Exchange.toSend(exchange.initiator)).hasSize(4_000);
            assertThat(Exchange.toSend(exchange.responder)).hasSize(5_000);
            assertThat(exchange.messages).allMatch(m -> m.length < 4_200);
        }
    }
}
