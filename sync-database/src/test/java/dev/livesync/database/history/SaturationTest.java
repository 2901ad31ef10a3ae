package dev.livesync.database.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.database.history.NaiveMerge.Written;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Histories with more paths than a long can count, against sums of any size that are cut at the end only. */
class SaturationTest {
    /** Enumerating 2^100 paths takes too long: the same sums, event by event, newest first. */
    private static final class Exact extends NaiveMerge {
        private final List<Written> inOrder = new ArrayList<>();
        private boolean saturated;

        @Override
        void add(Written e) {
            super.add(e);
            inOrder.add(e);
        }

        @Override
        Map<String, BigInteger> weights(Set<String> heads, String common) {
            Map<String, BigInteger> n = new HashMap<>();
            Map<String, BigInteger> d = new HashMap<>();
            heads.forEach(h -> n.put(h, BigInteger.ONE));
            heads.forEach(h -> d.put(h, BigInteger.ZERO));
            List<Written> newestFirst = new ArrayList<>(inOrder);
            Collections.reverse(newestFirst);
            for (Written e : newestFirst) {
                if (n.containsKey(e.cid())) {
                    for (String parent : reducedParents(e.cid())) {
                        if (!parent.equals(common)) {
                            n.merge(parent, n.get(e.cid()), BigInteger::add);
                            d.merge(parent, d.get(e.cid()).add(n.get(e.cid())), BigInteger::add);
                        }
                    }
                }
            }
            saturated |= d.values().stream().anyMatch(w -> w.compareTo(SATURATED) > 0);
            return d;
        }
    }

    @Test
    void weightsThatSaturateTieAndTheCidDecides() {
        int saturated = 0;
        for (int seed = 0; seed < 24; seed++) {
            Random random = new Random(seed);
            Exact exact = new Exact();
            Replay replay = new Replay();
            int writers = 2 + random.nextInt(3);
            // Some stay apart from the start, some from a common event, some never are far apart.
            int lag = random.nextInt(3);
            List<List<String>> logs = new ArrayList<>();
            List<Set<String>> known = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                logs.add(new ArrayList<>());
                known.add(new HashSet<>());
            }
            for (int round = 0; round < 90; round++) {
                int[] lengths = logs.stream().mapToInt(List::size).toArray();
                for (int w = 0; w < writers; w++) {
                    for (int other = 0; other < writers; other++) {
                        int seen = lengths[other] - 1 - random.nextInt(lag + 1);
                        if (seen >= 0 && other != w) {
                            String event = logs.get(other).get(seen);
                            known.get(w).add(event);
                            known.get(w).addAll(exact.ancestors(event));
                        }
                    }
                    byte[] content = new byte[16];
                    random.nextBytes(content);
                    String cid = Cid.hash(Cid.DAG_CBOR, content).toString();
                    // Few writes to the shared keys, so that conflicts grow old.
                    String key = random.nextInt(20) == 0 ? "Jshared" + random.nextInt(6) : "J" + round + "-" + w;
                    Written e = new Written(cid, key, random.nextInt(5) == 0, exact.maximal(known.get(w)));
                    known.get(w).add(cid);
                    logs.get(w).add(cid);
                    exact.add(e);
                    replay.accept(e);
                }
                if (round % 10 == 9) {
                    Map<String, String> expected = exact.merged(exact.maximal(union(known)));
                    assertThat(replay.current())
                            .as("seed %s, round %s", seed, round)
                            .isEqualTo(expected);
                    assertThat(replay.byKey(replay.past.at(replay.documents.heads())))
                            .as("seed %s, round %s", seed, round)
                            .isEqualTo(expected);
                }
            }
            saturated += exact.saturated ? 1 : 0;
        }
        assertThat(saturated).as("histories that saturate").isGreaterThan(12);
    }

    private static Set<String> union(List<Set<String>> sets) {
        Set<String> result = new HashSet<>();
        sets.forEach(result::addAll);
        return result;
    }
}
