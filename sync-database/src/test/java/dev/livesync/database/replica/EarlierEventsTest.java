package dev.livesync.database.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Origin;
import dev.livesync.database.history.EventGraph;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EarlierEventsTest {
    private final EventGraph graph = new EventGraph(1);
    private final Feed feed = new Feed();

    private int add(boolean interior, int... parents) {
        byte[] number = ByteBuffer.allocate(4).putInt(graph.size()).array();
        int e = graph.add(Cid.hash(Cid.DAG_CBOR, number), 0, false, parents);
        feed.add(e, interior, true, true, 0, Origin.LOCAL);
        return e;
    }

    private List<Integer> at(int[] heads, int... distances) {
        return new EarlierEvents(graph, feed, graph.size(), heads)
                .at(distances).stream().map(graph::indexOf).toList();
    }

    @Test
    void ofALineThoseAtTheDistances() {
        int last = add(false);
        for (int i = 1; i < 1_000; i++) {
            last = add(false, last);
        }
        assertThat(at(new int[] {last}, 0, 1, 2, 16, 500, 999, 1_000, 5_000))
                .containsExactly(999, 998, 997, 983, 499, 0);
        assertThat(at(new int[] {last})).isEmpty();
        assertThat(at(new int[0], 0)).containsExactly(999);
    }

    @Test
    void neverInsideABatch() {
        int last = add(false);
        for (int i = 1; i < 1_000; i++) {
            last = add(i % 10 != 9, last); // batches end at 9, 19, …
        }
        assertThat(at(new int[] {last}, 0, 1, 2, 3, 16, 500)).containsExactly(999, 989, 499);
    }

    @Test
    void wherePathsMeetRatherThanBesideThem() {
        List<Integer> meets = new ArrayList<>();
        int last = add(false);
        meets.add(last);
        for (int i = 0; i < 100; i++) {
            int left = last;
            for (int n = 0; n < 4; n++) {
                left = add(false, left);
            }
            int right = add(false, last);
            last = add(false, left, right);
            meets.add(last);
        }
        assertThat(meets).containsAll(at(new int[] {last}, 20, 50, 100, 200, 400));
    }

    @Test
    void aLongBatchIsNotWalked() {
        int last = add(false);
        for (int i = 1; i < 60_000; i++) {
            last = add(i < 59_999, last);
        }
        EarlierEvents earlier = new EarlierEvents(graph, feed, graph.size(), new int[] {last});
        assertThat(earlier.at(0, 16, 64, 1_024, 16_384, 50_000)).hasSize(1);
        assertThat(earlier.passed()).isLessThan(21_000);
    }
}
