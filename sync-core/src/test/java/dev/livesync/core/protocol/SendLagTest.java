package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Feature;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lag that a session tells, against a count of the events that the peer's database really lacks. */
class SendLagTest {
    private static final long MILLISECOND = 1_000_000;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void itIsNeverLessThanWhatThePeerLacksAndEndsAtNothing(boolean nativeDialect) {
        Set<Feature> features = nativeDialect ? ManualSession.NATIVE : ManualSession.ALL;
        for (long seed = 1; seed <= 12; seed++) {
            try (World world = new World(features, new Random(seed))) {
                world.run("seed " + seed);
            }
        }
    }

    @Test
    void manyMarksAreHalvedSoThatTheLagIsRatherTooLarge() {
        SendLag lag = new SendLag(true);
        lag.answering(0, 0);
        for (int i = 1; i <= 1_000; i++) {
            lag.here(i, i * MILLISECOND);
            lag.section(i, 1);
        }
        long now = 2_000 * MILLISECOND;
        assertThat(lag.events(1_000)).isEqualTo(1_000);
        assertThat(lag.nanos(now)).isEqualTo(1_999 * MILLISECOND);
        long before = 1_000;
        for (int acknowledged = 1; acknowledged <= 1_000; acknowledged++) {
            lag.acknowledged(acknowledged);
            long events = lag.events(1_000);
            assertThat(events).isBetween(1_000L - acknowledged, before);
            if (events > 0) {
                assertThat(lag.nanos(now)).isBetween((2_000L - acknowledged - 1) * MILLISECOND, 1_999 * MILLISECOND);
            }
            before = events;
        }
        assertThat(lag.events(1_000)).isZero();
        assertThat(lag.nanos(now)).isZero();
    }

    @Test
    void nothingIsKnownBeforeAnAnswerAndNothingIsOwedToWhoMayNotRead() {
        SendLag lag = new SendLag(true);
        lag.here(5, 0);
        assertThat(lag.events(5)).isEqualTo(-1);
        assertThat(lag.nanos(10)).isZero();
        lag.none();
        assertThat(lag.events(5)).isZero();
        assertThat(lag.nanos(10)).isZero();
    }

    @Test
    void withoutAcknowledgementsWhatWasSentCounts() {
        SendLag lag = new SendLag(false);
        lag.answering(6, 0);
        assertThat(lag.events(10)).isEqualTo(4);
        lag.section(1, 3);
        assertThat(lag.events(10)).isEqualTo(1);
        lag.passed(1, 10);
        assertThat(lag.events(10)).isZero();
    }

    /** Two ends, and messages that arrive when chance has it. */
    private static final class World implements AutoCloseable {
        private final Random random;
        private final EmbeddedDb left = new EmbeddedDb();
        private final EmbeddedDb right = new EmbeddedDb();
        private final ManualSession a;
        private final ManualSession b;
        private final Queue<Message> toA = new ArrayDeque<>();
        private final Queue<Message> toB = new ArrayDeque<>();
        /** The events of the left end, and when its session was told; -1 if it was not. */
        private final Map<Cid, Long> told = new LinkedHashMap<>();

        private int documents;

        World(Set<Feature> features, Random random) {
            this.random = random;
            for (int i = random.nextInt(5); i > 0; i--) {
                putLeft();
                putRight();
            }
            a = new ManualSession(left, ManualSession.config(features, true, ProtocolLimits.DEFAULT, 1 << 20));
            b = new ManualSession(right, ManualSession.config(features, ProtocolLimits.DEFAULT, 1 << 20));
        }

        private void putLeft() {
            told.put(left.database().put("left" + documents++, "{}"), -1L);
        }

        private void putRight() {
            right.database().put("right" + documents++, "{}");
        }

        void run(String what) {
            toB.addAll(a.open());
            toA.addAll(b.open());
            for (int step = 0; step < 300; step++) {
                a.now += MILLISECOND;
                b.now += MILLISECOND;
                step();
                check(what + ", step " + step);
            }
            settle();
            assertThat(lacking()).as(what).isEmpty();
            assertThat(lag()).as("%s: events", what).isZero();
            assertThat(a.protocol.lag().nanos(a.now)).as("%s: time", what).isZero();
        }

        private void step() {
            switch (random.nextInt(8)) {
                case 0 -> {
                    putLeft();
                    a.wakeUp = true;
                }
                case 1 -> {
                    putRight();
                    b.wakeUp = true;
                }
                case 2 -> wake(a);
                case 3 -> wake(b);
                case 4 -> deliver(toB, b);
                case 5 -> deliver(toA, a);
                case 6 -> commit(a);
                default -> commit(b);
            }
            toB.addAll(a.drain());
            toA.addAll(b.drain());
        }

        private void wake(ManualSession end) {
            if (end.wakeUp) {
                end.wakeUp = false;
                end.protocol.changed(end.now);
                if (end == a) {
                    told.replaceAll((cid, time) -> time < 0 ? (Long) a.now : time);
                }
            }
        }

        private static boolean deliver(Queue<Message> from, ManualSession to) {
            if (from.isEmpty() || to.requested <= 0) {
                return false;
            }
            to.requested--;
            to.protocol.received(from.remove(), to.now);
            return true;
        }

        private static boolean commit(ManualSession end) {
            if (end.commits.isEmpty()) {
                return false;
            }
            end.commitOne();
            return true;
        }

        private void settle() {
            boolean moved = true;
            while (moved) {
                moved = deliver(toA, a) || deliver(toB, b) || commit(a) || commit(b) || a.wakeUp || b.wakeUp;
                wake(a);
                wake(b);
                toB.addAll(a.drain());
                toA.addAll(b.drain());
                moved |= !toA.isEmpty() || !toB.isEmpty();
                if (!moved) {
                    moved = a.acknowledge() || b.acknowledge();
                    toB.addAll(a.drain());
                    toA.addAll(b.drain());
                }
            }
        }

        private void check(String what) {
            long known = lag();
            if (known < 0) {
                return;
            }
            List<Cid> lacking = lacking();
            assertThat(known).as("%s: events", what).isGreaterThanOrEqualTo(lacking.size());
            long oldest = lacking.stream()
                    .mapToLong(told::get)
                    .filter(t -> t >= 0)
                    .min()
                    .orElse(a.now);
            assertThat(a.protocol.lag().nanos(a.now)).as("%s: time", what).isGreaterThanOrEqualTo(a.now - oldest);
        }

        private long lag() {
            try (Snapshot snapshot = left.snapshot()) {
                return a.protocol.lag().events(snapshot.summary().events());
            }
        }

        private List<Cid> lacking() {
            try (Snapshot snapshot = right.snapshot()) {
                return told.keySet().stream()
                        .filter(cid -> snapshot.event(cid) == null)
                        .toList();
            }
        }

        @Override
        public void close() {
            left.close();
            right.close();
        }
    }
}
