package dev.livesync.database.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.livesync.api.Cid;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventGraphTest {
    private final Replay replay = new Replay();
    private final EventGraph graph = replay.graph;

    private static Cid cid(int n) {
        return Cid.hash(Cid.DAG_CBOR, new byte[] {(byte) (n >> 24), (byte) (n >> 16), (byte) (n >> 8), (byte) n});
    }

    private int add(int n, int... parents) {
        return replay.accept(cid(n), "J" + n, n % 7 == 3, parents);
    }

    @Test
    void givesBackWhatWasAdded() {
        int root = add(0);
        int left = add(1, root);
        int right = add(3, root);
        int merge = add(2, right, left, root);
        assertThat(List.of(root, left, right, merge)).containsExactly(0, 1, 2, 3);
        assertThat(graph.size()).isEqualTo(4);
        assertThat(graph.cid(merge)).isEqualTo(cid(2));
        assertThat(graph.cids(left, root)).containsExactly(cid(1), cid(0));
        assertThat(graph.isDelete(right)).isTrue();
        assertThat(graph.isDelete(left)).isFalse();
        assertThat(replay.keys.name(graph.key(right))).isEqualTo("J3");
        assertThat(graph.parents(merge)).containsExactlyInAnyOrder(left, right);
        assertThat(graph.generation(merge)).isEqualTo(2);
        assertThat(graph.up(merge)).isEqualTo(root);
        assertThat(graph.up(root)).isEqualTo(EventGraph.NONE);
        assertThat(graph.isLeaf(merge)).isTrue();
        assertThat(graph.isLeaf(left)).isFalse();
        assertThat(graph.nearestCommonAncestor()).isEqualTo(EventGraph.NONE);
        assertThat(graph.reduce(root, merge, left)).containsExactly(merge);
    }

    @Test
    void findsEventsByCidInAPrefix() {
        IntStream.range(0, 5_000).forEach(n -> add(n));
        for (int n = 0; n < 5_000; n++) {
            assertThat(graph.indexOf(cid(n))).isEqualTo(n);
            assertThat(graph.indexOf(cid(n), n)).isEqualTo(EventGraph.NONE);
            assertThat(graph.indexOf(cid(n), n + 1)).isEqualTo(n);
            assertThat(replay.keys.find("J" + n)).isEqualTo(n);
        }
        assertThat(graph.indexOf(cid(5_000))).isEqualTo(EventGraph.NONE);
        assertThat(graph.indexOf(Cid.hash(Cid.RAW, new byte[] {0, 0, 0, 1}))).isEqualTo(EventGraph.NONE);
        assertThat(replay.keys.find("J")).isEqualTo(-1);
    }

    @Test
    void aRefusedEventLeavesNothingBehind() {
        int root = add(0);
        assertThatIllegalArgumentException().isThrownBy(() -> graph.add(cid(0), 0, false));
        assertThatIllegalArgumentException().isThrownBy(() -> graph.add(cid(1), -1, false));
        assertThatIllegalArgumentException().isThrownBy(() -> graph.add(cid(1), 0, false, root, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> graph.add(cid(1), 0, false, EventGraph.NONE));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.add(Cid.hash(Cid.RAW, new byte[1]), 0, false, root));
        assertThatIllegalArgumentException().isThrownBy(() -> replay.documents.accept(0));
        assertThatIllegalArgumentException().isThrownBy(() -> replay.documents.accept(1));
        assertThat(graph.size()).isEqualTo(1);
        assertThat(graph.isLeaf(root)).isTrue();
        assertThat(add(1, root)).isEqualTo(1);
    }

    /** More parents than are compared pair by pair: one walk finds the redundant ones. */
    @Test
    void manyRedundantParentsAreFoundInOneWalk() {
        List<Integer> parents = new ArrayList<>();
        List<Integer> tips = new ArrayList<>();
        int n = 0;
        int root = add(n++);
        for (int chain = 0; chain < 100; chain++) {
            int last = root;
            for (int i = 0; i < 5; i++) {
                last = add(n++, last);
                parents.add(last);
            }
            tips.add(last);
        }
        parents.add(root);
        int merge = add(n, parents.stream().mapToInt(Integer::intValue).toArray());
        assertThat(graph.parents(merge))
                .containsExactlyInAnyOrder(
                        tips.stream().mapToInt(Integer::intValue).toArray());
        assertThat(graph.up(merge)).isEqualTo(root);
        assertThat(replay.documents.heads()).containsExactly(merge);
        assertThat(graph.searchSteps()).isLessThan(100);
    }

    @Test
    void keysThatHashAlikeElsewhereAreFoundHere() {
        // "Aa" and "BB" have the same String.hashCode, and so have all their combinations.
        for (int n = 0; n < 1 << 14; n++) {
            StringBuilder key = new StringBuilder("J");
            for (int bit = 0; bit < 14; bit++) {
                key.append((n >> bit & 1) == 0 ? "Aa" : "BB");
            }
            assertThat(replay.keys.intern(key.toString())).isEqualTo(n);
        }
        assertThat(replay.keys.size()).isEqualTo(1 << 14);
    }

    /** Readers take a size and then see a prefix that never moves, while the writer goes on. */
    @Test
    void readersSeeAPrefixWhileTheWriterAdds() throws InterruptedException, ExecutionException, TimeoutException {
        int events = 60_000;
        ExecutorService threads = Executors.newFixedThreadPool(3, task -> {
            Thread thread = new Thread(task, "livesync-test-reader");
            thread.setDaemon(true);
            return thread;
        });
        CountDownLatch started = new CountDownLatch(2);
        try {
            List<Future<Integer>> readers = new ArrayList<>();
            for (int r = 0; r < 2; r++) {
                int seed = r;
                readers.add(threads.submit(() -> read(events, new Random(seed), started)));
            }
            started.await();
            // Three writers who listen to one another, so that every kind of answer is asked for.
            Random random = new Random(3);
            int[] tips = {add(0), EventGraph.NONE, EventGraph.NONE};
            tips[1] = add(1, tips[0]);
            tips[2] = add(2, tips[0]);
            for (int n = 3; n < events; n++) {
                int w = random.nextInt(3);
                int other = tips[random.nextInt(3)];
                boolean hears = random.nextInt(4) == 0 && other != tips[w];
                tips[w] = hears ? add(n, tips[w], other) : add(n, tips[w]);
            }
            for (Future<Integer> reader : readers) {
                assertThat(reader.get(60, TimeUnit.SECONDS)).isPositive();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private int read(int events, Random random, CountDownLatch started) {
        started.countDown();
        int rounds = 0;
        int size = 0;
        while (size < events) {
            int before = size;
            size = graph.size();
            if (size < before) {
                throw new AssertionError("the graph shrank");
            }
            for (int i = 0; i < 50 && size > 0; i++) {
                int e = random.nextInt(size);
                if (graph.indexOf(cid(e), size) != e || !graph.cid(e).equals(cid(e))) {
                    throw new AssertionError("event " + e + " of " + size + " is not found");
                }
                if (!replay.keys.name(graph.key(e)).equals("J" + e)) {
                    throw new AssertionError("event " + e + " has another key");
                }
                for (int parent : graph.parents(e)) {
                    if (parent >= e || !graph.isAncestor(parent, e) || graph.isAncestor(e, parent)) {
                        throw new AssertionError("event " + e + " and its parent " + parent);
                    }
                }
                int up = graph.up(e);
                if (up != EventGraph.NONE && !graph.isAncestor(up, e)) {
                    throw new AssertionError("event " + e + " and its dominator " + up);
                }
                int other = random.nextInt(size);
                int common = graph.nearestCommonAncestor(e, other);
                if (common != e && common != EventGraph.NONE && !graph.isAncestor(common, e)) {
                    throw new AssertionError("events " + e + " and " + other + " have " + common);
                }
            }
            if (size > 0 && rounds % 64 == 0 && replay.past.at(Math.min(size, 500) - 1).length == 0) {
                throw new AssertionError("no documents at event " + (Math.min(size, 500) - 1));
            }
            rounds++;
        }
        return rounds;
    }
}
