package dev.livesync.core.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bytes and messages, which don't depend on the machine. */
class ReconcileFiguresTest {
    private static Exchange fork(int common, int each, boolean names) {
        HistoryPool pool = new HistoryPool(200, common);
        HistoryPool.Member a = pool.member();
        HistoryPool.Member b = pool.member();
        a.write(common);
        b.take(a, Integer.MAX_VALUE);
        a.write(each);
        b.write(each);
        if (!names) {
            pool.withoutNames();
        }
        Exchange exchange = new Exchange(a.snapshot(), b.snapshot(), 0).run();
        assertThat(exchange.isSettled()).isTrue();
        int fromA = Exchange.toSend(exchange.initiator).size();
        int fromB = Exchange.toSend(exchange.responder).size();
        System.out.printf(
                "reconciliation, %d in common and %d more at each end%s: %d bytes in %d messages, %d and %d events sent%n",
                common, each, names ? "" : ", no names", exchange.bytes, exchange.messages.size(), fromA, fromB);
        assertThat(fromA).isEqualTo(each);
        assertThat(fromB).isBetween(each, each + each / 4);
        return exchange;
    }

    private static void ofForks(int common) {
        assertThat(fork(common, 1, true).bytes).isLessThan(650);
        Exchange ten = fork(common, 10, true);
        assertThat(ten.bytes).isLessThan(700);
        assertThat(ten.flights).as("an answer, and the events come behind it").isEqualTo(2);
        Exchange fifty = fork(common, 50, true);
        assertThat(fifty.bytes).isLessThan(1_000);
        assertThat(fifty.flights).isEqualTo(2);
        assertThat(fork(common, 1_000, true).bytes).isLessThan(11_000);
    }

    @Test
    void aForkCostsWhatItHasWhateverIsCommon() {
        ofForks(1_000);
        ofForks(100_000);
    }

    @Test
    void whoIsAheadGetsNearlyNothingBack() {
        for (int ahead = 1; ahead < 700; ahead += ahead / 16 + 1) {
            HistoryPool pool = new HistoryPool(200, ahead);
            HistoryPool.Member a = pool.member();
            HistoryPool.Member b = pool.member();
            a.write(5_000);
            b.take(a, Integer.MAX_VALUE);
            a.write(ahead);
            Exchange exchange = new Exchange(a.snapshot(), b.snapshot(), 0).run();
            assertThat(Exchange.toSend(exchange.initiator)).hasSize(ahead);
            assertThat(Exchange.toSend(exchange.responder)).hasSizeLessThanOrEqualTo(8);
            Exchange behind = new Exchange(b.snapshot(), a.snapshot(), 0).run();
            assertThat(Exchange.toSend(behind.initiator)).isEmpty();
            assertThat(Exchange.toSend(behind.responder)).hasSize(ahead);
            assertThat(behind.flights).isEqualTo(2);
        }
    }

    @Test
    void manyWritersWhoMeetAtAHubCostLittleMore() {
        Random random = new Random(1);
        HistoryPool pool = new HistoryPool(200, 20);
        HistoryPool.Member hub = pool.member();
        List<HistoryPool.Member> writers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            writers.add(pool.member());
        }
        for (int i = 0; i < 2_000; i++) {
            HistoryPool.Member writer = writers.get(random.nextInt(20));
            writer.write(1 + random.nextInt(2));
            if (random.nextInt(4) == 0) {
                hub.take(writer, Integer.MAX_VALUE);
                writer.take(hub, Integer.MAX_VALUE);
            }
        }
        int bytes = 0;
        int repeated = 0;
        for (HistoryPool.Member writer : writers) {
            BitSet toSend = hub.has();
            toSend.andNot(writer.has());
            Exchange exchange = new Exchange(writer.snapshot(), hub.snapshot(), 0).run();
            assertThat(exchange.isSettled()).isTrue();
            bytes += exchange.bytes;
            repeated += Exchange.toSend(exchange.responder).size() - toSend.cardinality();
            System.out.printf(
                    "reconciliation with a hub of 20 writers: %d bytes in %d messages, %d and %d events sent, %d again%n",
                    exchange.bytes,
                    exchange.messages.size(),
                    Exchange.toSend(exchange.initiator).size(),
                    Exchange.toSend(exchange.responder).size(),
                    Exchange.toSend(exchange.responder).size() - toSend.cardinality());
        }
        assertThat(bytes / 20).isLessThan(1_500);
        assertThat(repeated / 20).isLessThan(32);
    }

    @Test
    void aSketchOfEverythingCostsWhatTheDifferenceDoes() {
        assertThat(fork(20_000, 50, false).bytes).isLessThan(3_000);
        assertThat(fork(100_000, 50, false).bytes).isLessThan(3_000);
    }

    @Test
    void mostSketchesOfAHundredDifferencesTakeLessThanThreeKilobytes() {
        int[] bytes = new int[30];
        for (int i = 0; i < bytes.length; i++) {
            HistoryPool pool = new HistoryPool(40, i);
            HistoryPool.Member a = pool.member();
            HistoryPool.Member b = pool.member();
            a.write(4_000);
            b.take(a, Integer.MAX_VALUE);
            a.write(50);
            b.write(50);
            pool.withoutNames();
            bytes[i] = new Exchange(a.snapshot(), b.snapshot(), 0).run().bytes;
        }
        Arrays.sort(bytes);
        System.out.println("reconciliation, sketches of 100 differences: " + Arrays.toString(bytes));
        assertThat(bytes[bytes.length / 2]).isLessThan(2_800);
        assertThat(bytes[bytes.length - 1]).isLessThan(4_000);
    }

    @Test
    @Tag("soak")
    void aMillionEvents() {
        ofForks(1_000_000);
        assertThat(fork(1_000_000, 50, false).bytes).isLessThan(3_000);
    }
}
