package dev.livesync.database.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.history.NaiveMerge.Written;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The merge against {@link NaiveMerge}, for random histories in random orders of arrival. */
class MergeTest {
    @Test
    void equalsTheOracleInEveryOrderOfArrival() {
        for (int seed = 0; seed < 1_000; seed++) {
            check(seed, 8 + seed % 25);
        }
    }

    @Test
    @Tag("soak")
    void equalsTheOracleOnTenThousandHistories() {
        for (int seed = 1_000_000; seed < 1_010_000; seed++) {
            check(seed, 8 + seed % 30);
        }
    }

    /** More candidates of a key than are asked one by one. */
    @Test
    void equalsTheOracleWhereManyWriteOneDocument() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            check(
                    seed,
                    random,
                    new RandomEvents(random, 20 + seed % 40, 1 + random.nextInt(2), 10 + random.nextInt(20)));
        }
    }

    private static void check(int seed, int size) {
        Random random = new Random(seed);
        check(seed, random, new RandomEvents(random, size));
    }

    private static void check(int seed, Random random, RandomEvents history) {
        Map<String, String> expected = null;
        for (int order = 0; order < 4; order++) {
            List<Written> arrival = order == 0 ? history.events : history.shuffled();
            try {
                Map<String, String> documents = deliver(history.naive, arrival, random, order == 3);
                assertThat(documents).isEqualTo(expected == null ? documents : expected);
                expected = documents;
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", order " + order + ": " + e.getMessage(), e);
            }
        }
    }

    /** Delivers events one by one and judges every step, with restarts in between: after every step, or now and then. */
    private static Map<String, String> deliver(
            NaiveMerge naive, List<Written> arrival, Random random, boolean alwaysRestarts) {
        Replay replay = new Replay();
        Set<String> there = new HashSet<>();
        ChangeTracker often = replay.documents.track();
        ChangeTracker seldom = replay.documents.track();
        Map<Integer, Integer> seenOften = new HashMap<>();
        Map<Integer, Integer> seenSeldom = new HashMap<>();
        int readEvery = 1 + random.nextInt(4);
        for (Written e : arrival) {
            int index = replay.accept(e);
            there.add(e.cid());
            assertThat(names(replay, replay.graph.parents(index))).isEqualTo(naive.reducedParents(e.cid()));
            assertThat(replay.name(replay.graph.up(index))).isEqualTo(naive.up(e.cid()));
            // Whoever reads after every step never sees what is left undecided for a while.
            if (there.size() % readEvery != 0 && there.size() != arrival.size()) {
                continue;
            }
            Set<String> heads = naive.maximal(there);
            Map<String, String> expected = naive.merged(heads);
            assertThat(names(replay, replay.documents.heads())).isEqualTo(heads);
            assertThat(replay.graph.cids(replay.documents.heads())).isSorted();
            assertThat(replay.current()).isEqualTo(expected);
            int[] past = replay.past.at(replay.documents.heads());
            assertThat(replay.byKey(past)).isEqualTo(expected);
            assertThat(past).as("in order of keys").isEqualTo(replay.visible());
            assertThat(replay.documents.count()).isEqualTo(expected.size());
            follow(replay, often, seenOften);
            if (alwaysRestarts || random.nextInt(3) == 0) {
                follow(replay, seldom, seenSeldom);
                if (alwaysRestarts || random.nextInt(3) == 0) {
                    replay = replay.restarted();
                    often = replay.documents.track();
                    seldom = replay.documents.track();
                }
            }
        }
        judgeTheWhole(naive, replay, random);
        return replay.current();
    }

    /** Which keys are in conflict, who won, and why. */
    private static void judgeConflicts(NaiveMerge naive, Replay replay) {
        int[] heads = replay.documents.heads();
        Set<String> names = names(replay, heads);
        Map<String, String> expected = naive.merged(names);
        Map<String, BigInteger> weights = naive.weights(names, naive.nearestCommonAncestor(names));
        Map<Integer, Decision> conflicts = new HashMap<>();
        for (Decision decision : replay.past.conflicts(heads)) {
            conflicts.put(decision.key(), decision);
            assertThat(events(decision))
                    .containsExactly(
                            events(replay.past.conflict(decision.key(), heads).orElseThrow()));
        }
        for (int key = 0; key < replay.keys.size(); key++) {
            Set<String> candidates = names(replay, replay.documents.candidates(key));
            Decision decision = conflicts.get(key);
            String winner = replay.name(replay.past.winner(key, heads));
            String document = expected.get(replay.keys.name(key));
            assertThat(naive.get(winner).delete() ? null : winner).isEqualTo(document);
            assertThat(replay.name(replay.past.document(key, heads))).isEqualTo(document);
            assertThat(replay.past.winners(heads).get(replay.index(winner))).isTrue();
            assertThat(decision != null).isEqualTo(candidates.size() > 1);
            if (decision == null) {
                continue;
            }
            assertThat(names(replay, events(decision))).isEqualTo(candidates);
            assertThat(replay.name(decision.event(0))).isEqualTo(winner);
            for (int place = 0; place < decision.size(); place++) {
                BigInteger weight = weights.get(replay.name(decision.event(place)));
                if (heads.length > 1 && weight != null) {
                    assertThat(decision.weight(place)).isEqualTo(weight.longValueExact());
                }
                if (place > 0) {
                    assertThat(decision.weight(place)).isGreaterThanOrEqualTo(decision.weight(place - 1));
                }
            }
        }
        assertThat(replay.past.winners(heads).cardinality()).isEqualTo(replay.keys.size());
    }

    private static int[] events(Decision decision) {
        return IntStream.range(0, decision.size()).map(decision::event).toArray();
    }

    private static void judgeTheWhole(NaiveMerge naive, Replay replay, Random random) {
        int size = replay.graph.size();
        List<String> names = IntStream.range(0, size).mapToObj(replay::name).toList();
        for (int a = 0; a < size; a++) {
            for (int b = 0; b < size; b++) {
                if (replay.graph.isAncestor(a, b)
                        != naive.ancestors(names.get(b)).contains(names.get(a))) {
                    throw new AssertionError(a + " ancestor of " + b + ": " + replay.graph.isAncestor(a, b));
                }
            }
        }
        for (int key = 0; key < replay.keys.size(); key++) {
            String name = replay.keys.name(key);
            Set<String> ofKey = new HashSet<>();
            for (int e = 0; e < size; e++) {
                if (naive.get(replay.name(e)).key().equals(name)) {
                    ofKey.add(replay.name(e));
                }
            }
            assertThat(names(replay, replay.documents.candidates(key))).isEqualTo(naive.maximal(ofKey));
        }
        judgeConflicts(naive, replay);
        for (int i = 0; i < 5; i++) {
            int[] heads = some(random, size);
            int[] frontier = some(random, size);
            Map<String, String> expected = naive.merged(names(replay, heads));
            assertThat(replay.byKey(replay.past.at(heads))).isEqualTo(expected);
            assertThat(replay.graph.since(heads, frontier)).isEqualTo(since(naive, replay, heads, frontier));
            int[] deleted =
                    random.ints(random.nextInt(5), 0, replay.keys.size()).toArray();
            expected = new HashMap<>(expected);
            for (int key : deleted) {
                expected.remove(replay.keys.name(key));
            }
            int remains = replay.past.anyAfter(heads, deleted);
            if (remains == EventGraph.NONE) {
                assertThat(expected).isEmpty();
            } else {
                assertThat(expected).containsEntry(replay.keys.name(replay.graph.key(remains)), replay.name(remains));
            }
        }
    }

    private static int[] since(NaiveMerge naive, Replay replay, int[] heads, int[] frontier) {
        Set<String> result = new HashSet<>(names(replay, heads));
        names(replay, heads).forEach(h -> result.addAll(naive.ancestors(h)));
        names(replay, frontier).forEach(f -> result.removeAll(naive.ancestors(f)));
        result.removeAll(names(replay, frontier));
        return result.stream().mapToInt(replay::index).sorted().toArray();
    }

    /** Applies what a tracker says and expects nothing to be left out. */
    private static void follow(Replay replay, ChangeTracker tracker, Map<Integer, Integer> seen) {
        for (int key : tracker.drain()) {
            seen.put(key, replay.documents.winner(key));
        }
        for (int key = 0; key < replay.keys.size(); key++) {
            int winner = replay.documents.winner(key);
            assertThat(seen.getOrDefault(key, EventGraph.NONE))
                    .as("key %s", key)
                    .isEqualTo(winner);
        }
        assertThat(tracker.drain()).isEmpty();
    }

    private static int[] some(Random random, int size) {
        return random.ints(random.nextInt(5), 0, size).distinct().toArray();
    }

    private static Set<String> names(Replay replay, int... events) {
        return Arrays.stream(events)
                .mapToObj(replay::name)
                .map(Objects::requireNonNull)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
