package dev.livesync.core.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever is remembered of a peer, right or wrong: either both have the union afterwards, or the responder says that it doesn't know it. */
class RememberedFrontierTest {
    private static Exchange remembering(Snapshot a, Snapshot b, List<Cid> clock) {
        return new Exchange(
                Reconciliations.initiator(a, Exchange.SALT, clock, ReconcileLimits.DEFAULT, TableMemory.UNLIMITED),
                Reconciliations.responder(b, Exchange.SALT, 0, ReconcileLimits.DEFAULT, TableMemory.UNLIMITED));
    }

    private static void figures(int common) {
        HistoryPool pool = new HistoryPool(200, common);
        HistoryPool.Member a = pool.member();
        HistoryPool.Member b = pool.member();
        a.write(common);
        b.take(a, Integer.MAX_VALUE);
        List<Cid> clock = a.snapshot().heads();
        a.write(50);
        b.write(50);
        Exchange exchange = remembering(a.snapshot(), b.snapshot(), clock).run();
        System.out.printf(
                "reconciliation, %d in common and remembered, 50 more at each end: %d bytes in %d messages%n",
                common, exchange.bytes, exchange.messages.size());
        assertThat(exchange.isSettled()).isTrue();
        assertThat(exchange.bytes).isLessThanOrEqualTo(200);
        assertThat(exchange.flights).isEqualTo(2);
        assertThat(Exchange.toSend(exchange.initiator)).hasSize(50);
        assertThat(Exchange.toSend(exchange.responder)).hasSize(50);
    }

    @Test
    void whatIsRememberedCostsLittleWhateverIsCommon() {
        figures(1_000);
        figures(100_000);
    }

    @Test
    @Tag("soak")
    void alsoOfAMillionEvents() {
        figures(1_000_000);
    }

    @Test
    void anyClockOfTheInitiatorsIsRightOrUnknown() {
        int settled = 0;
        int unknown = 0;
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            HistoryPool pool = new HistoryPool(100, (int) seed);
            List<HistoryPool.Member> members = List.of(pool.member(), pool.member(), pool.member());
            for (int i = 0; i < 20 + random.nextInt(100); i++) {
                HistoryPool.Member one = members.get(random.nextInt(3));
                if (random.nextInt(3) == 0) {
                    one.take(members.get(random.nextInt(3)), 1 + random.nextInt(200));
                } else {
                    one.write(1 + random.nextInt(random.nextInt(10) == 0 ? 300 : 5));
                }
            }
            HistoryPool.Member a = members.get(0);
            HistoryPool.Member b = members.get(1);
            List<Cid> all = new ArrayList<>();
            a.snapshot().eventsSince(List.of()).forEachRemaining(all::add);
            List<Cid> clock = new ArrayList<>();
            for (int i = random.nextInt(5); i >= 0 && !all.isEmpty(); i--) {
                clock.add(all.get(random.nextInt(random.nextBoolean() ? all.size() : 1 + all.size() / 4)));
            }
            Exchange exchange = remembering(a.snapshot(), b.snapshot(), clock).run();
            if (exchange.initiator.isMisremembered()) {
                unknown++;
                assertThat(clock)
                        .as("seed %d", seed)
                        .anyMatch(cid -> b.snapshot().event(cid) == null);
                assertThat(exchange.messages).as("seed %d", seed).hasSize(2);
                assertThat(exchange.initiator.peerHas()).isNull();
                continue;
            }
            settled++;
            assertThat(exchange.isSettled()).as("seed %d", seed).isTrue();
            check(pool, a, b, Exchange.toSend(exchange.initiator), "seed " + seed + ": from the initiator");
            check(pool, b, a, Exchange.toSend(exchange.responder), "seed " + seed + ": from the responder");
        }
        assertThat(settled).isGreaterThan(50);
        assertThat(unknown).isGreaterThan(50);
    }

    private static void check(
            HistoryPool pool, HistoryPool.Member from, HistoryPool.Member to, List<Cid> sent, String what) {
        BitSet lacks = from.has();
        lacks.andNot(to.has());
        List<Cid> expected = lacks.stream().mapToObj(pool::cid).toList();
        assertThat(sent).as(what).doesNotHaveDuplicates().containsAll(expected);
        assertThat(sent.size() - expected.size())
                .as(what + ": repeated")
                .isBetween(0, ReconcileLimits.DEFAULT.unasked());
        assertThat(to.canTake(sent)).as(what + ": parents first").isTrue();
    }
}
