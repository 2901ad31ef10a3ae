package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.transport.Message;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a replica believes its peer to have: held against what the peer does have, at every step. */
class AcknowledgementsTest {
    private static final long PEER = 7;

    private static final class Remembering implements Replica {
        final EmbeddedDb db = new EmbeddedDb();
        final NaiveFrontiers frontiers = new NaiveFrontiers();

        List<Cid> ofPeer() {
            return frontiers.frontier(PEER);
        }

        void put(int number) {
            db.put("k" + number % 5, new Value.Mapping(Map.of("n", new Value.Int(number))));
        }

        boolean has(List<Cid> clock) {
            try (Snapshot snapshot = db.snapshot()) {
                return clock.stream().allMatch(event -> snapshot.event(event) != null);
            }
        }

        @Override
        public Snapshot snapshot() {
            return db.snapshot();
        }

        @Override
        public CommitResult commit(Commit commit) {
            return db.commit(commit);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            return db.changes(after, maxEvents);
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            return db.onChange(wakeUp);
        }

        @Override
        public Optional<PeerFrontiers> peerFrontiers() {
            return Optional.of(frontiers);
        }
    }

    private static ManualSession session(Remembering of, boolean listens) {
        return new ManualSession(
                of,
                ManualSession.with(
                        PEER, ManualSession.config(ManualSession.NATIVE, listens, ProtocolLimits.DEFAULT, 1 << 20)));
    }

    @Test
    void whatIsBelievedIsTrueAtEveryStepAndEverythingInTheEnd() {
        int learntWhileApart = 0;
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            Remembering left = new Remembering();
            Remembering right = new Remembering();
            int number = 0;
            for (; number < random.nextInt(6); number++) {
                (random.nextBoolean() ? left : right).put(number);
            }
            ManualSession a = session(left, true);
            ManualSession b = session(right, false);
            Queue<Message> fromA = new ArrayDeque<>(a.open());
            Queue<Message> fromB = new ArrayDeque<>(b.open());
            for (int step = 0, last = 60; step < last; step++) {
                last = fromA.isEmpty() && fromB.isEmpty() ? last : Math.max(last, step + 10);
                switch (step < 60 ? random.nextInt(6) : 2 + step % 3) {
                    case 0 -> left.put(number++);
                    case 1 -> right.put(number++);
                    case 2 -> {
                        if (!fromA.isEmpty()) {
                            fromB.addAll(b.deliver(fromA.remove()));
                        }
                    }
                    case 3 -> {
                        if (!fromB.isEmpty()) {
                            fromA.addAll(a.deliver(fromB.remove()));
                        }
                    }
                    default -> {
                        fromA.addAll(a.settle());
                        fromB.addAll(b.settle());
                        a.acknowledge();
                        b.acknowledge();
                        fromA.addAll(a.drain());
                        fromB.addAll(b.drain());
                    }
                }
                assertThat(right.has(left.ofPeer()))
                        .as("seed %s, step %s", seed, step)
                        .isTrue();
                assertThat(left.has(right.ofPeer()))
                        .as("seed %s, step %s", seed, step)
                        .isTrue();
                assertThat(a.held).isEqualTo(left.ofPeer());
                if (!a.equal && !left.ofPeer().isEmpty() && !left.ofPeer().equals(left.db.heads())) {
                    learntWhileApart++;
                }
            }
            assertThat(left.ofPeer()).as("seed %s", seed).isEqualTo(right.db.heads());
            assertThat(right.ofPeer()).as("seed %s", seed).isEqualTo(left.db.heads());
            left.db.close();
            right.db.close();
        }
        assertThat(learntWhileApart).isGreaterThan(100);
    }

    /** They never have the same: what the peer wrote last is always on its way. */
    @Test
    void aPeerThatNeverStopsWritingIsStillKnownToHaveWhatItAcknowledged() {
        Remembering left = new Remembering();
        Remembering right = new Remembering();
        left.put(0);
        ManualSession a = session(left, true);
        ManualSession b = session(right, false);
        Queue<Message> fromA = new ArrayDeque<>(a.open());
        Queue<Message> fromB = new ArrayDeque<>(b.open());
        while (!fromA.isEmpty() || !fromB.isEmpty()) {
            deliver(fromA, b, fromB, 0);
            deliver(fromB, a, fromA, 0);
        }
        List<Cid> before = List.of();
        for (int round = 1; round < 40; round++) {
            assertThat(covers(left, left.ofPeer(), before))
                    .as("round %s", round)
                    .isTrue();
            before = left.db.heads();
            left.put(2 * round);
            fromA.addAll(a.settle());
            right.put(2 * round + 1);
            fromB.addAll(b.settle());
            deliver(fromA, b, fromB, 0);
            deliver(fromB, a, fromA, 1);
            assertThat(a.equal).isFalse();
            assertThat(right.has(left.ofPeer())).isTrue();
        }
        left.db.close();
        right.db.close();
    }

    /** All but the last few messages arrive. */
    private static void deliver(Queue<Message> from, ManualSession to, Queue<Message> back, int but) {
        while (from.size() > but) {
            back.addAll(to.deliver(from.remove()));
        }
        to.acknowledge();
        back.addAll(to.drain());
    }

    private static boolean covers(Remembering replica, List<Cid> clock, List<Cid> events) {
        try (Snapshot snapshot = replica.db.snapshot()) {
            var since = snapshot.eventsSince(clock);
            while (since.hasNext()) {
                if (events.contains(since.next())) {
                    return false;
                }
            }
            return true;
        }
    }
}
