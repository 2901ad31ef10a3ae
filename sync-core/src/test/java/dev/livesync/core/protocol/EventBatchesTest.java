package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Snapshot;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What it costs to cut a history into batches, by the trees that are asked for. */
class EventBatchesTest {
    private static final int MANY = 100;

    @Test
    void aBatchOfDeletesIsCutWithoutLookingAtTrees() {
        try (NaiveReplica replica = new NaiveReplica()) {
            List<TestDb.Op> puts = new ArrayList<>();
            List<TestDb.Op> deletes = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                puts.add(new TestDb.Op("d" + i, Value.Mapping.EMPTY));
                deletes.add(new TestDb.Op("d" + i, null));
            }
            replica.write(puts);
            replica.write(deletes.subList(0, MANY - 1));
            int[] trees = {0};
            try (Snapshot all = replica.snapshot()) {
                Snapshot counted = counting(all, trees);
                EventBatches batches = new EventBatches(counted, counted.eventsSince(List.of()), cid -> false);
                assertThat(batches.next()).hasSize(MANY);
                List<Block> deleted = batches.next();
                assertThat(deleted).hasSize(MANY - 1);
                assertThat(batches.next()).isEmpty();
            }
            assertThat(trees[0]).isZero();
        }
    }

    /** Many sessions may wait for memory for the same large document: none has it in memory meanwhile. */
    @Test
    void whatIsHeldBackIsNotRead() {
        EmbeddedDb db = new EmbeddedDb();
        try {
            db.put("large", Docs.bytes(100_000));
            List<String> reads = new ArrayList<>();
            try (Snapshot all = db.snapshot()) {
                Snapshot watched = (Snapshot) Proxy.newProxyInstance(
                        getClass().getClassLoader(), new Class<?>[] {Snapshot.class}, (proxy, method, arguments) -> {
                            reads.add(method.getName());
                            return method.invoke(all, arguments);
                        });
                EventBatches batches = new EventBatches(watched, watched.eventsSince(List.of()), cid -> false);
                assertThat(batches.next(64 << 10)).isEmpty();
                assertThat(batches.isHeldBack()).isTrue();
                assertThat(reads).contains("size").doesNotContain("block", "event");
                assertThat(batches.next()).hasSize(1);
            }
        } finally {
            db.close();
        }
    }

    @Test
    void aBatchThatIsTooLargeIsHeldBackAndComesAgainWhole() {
        try (NaiveReplica replica = new NaiveReplica()) {
            List<TestDb.Op> puts = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                puts.add(new TestDb.Op("d" + i, Value.Mapping.EMPTY));
            }
            replica.put("before", Value.Mapping.EMPTY);
            replica.write(puts);
            replica.put("after", Value.Mapping.EMPTY);
            try (Snapshot all = replica.snapshot()) {
                List<Cid> events = new ArrayList<>();
                all.eventsSince(List.of()).forEachRemaining(events::add);
                EventBatches batches = new EventBatches(all, events.iterator(), cid -> false);
                long small = all.block(events.get(0)).size();
                assertThat(batches.next(small - 1)).isEmpty();
                assertThat(batches.isHeldBack()).isTrue();
                List<Cid> read = new ArrayList<>();
                batches.next(small).forEach(block -> read.add(block.cid()));
                assertThat(batches.isHeldBack()).isFalse();
                assertThat(batches.next(2 * small)).isEmpty();
                assertThat(batches.isHeldBack()).isTrue();
                List<Block> batch = batches.next();
                assertThat(batch).hasSize(MANY);
                batches.giveBack(batch);
                batches.next().forEach(block -> read.add(block.cid()));
                batches.next().forEach(block -> read.add(block.cid()));
                assertThat(batches.next()).isEmpty();
                assertThat(batches.isHeldBack()).isFalse();
                assertThat(read).isEqualTo(events);
            }
        }
    }

    /** A replica that knows where its batches end. */
    private static Snapshot counting(Snapshot snapshot, int[] trees) {
        List<Cid> heads = snapshot.heads();
        return (Snapshot) Proxy.newProxyInstance(
                Snapshot.class.getClassLoader(), new Class<?>[] {Snapshot.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("isInterior")) {
                        Cid event = (Cid) arguments[0];
                        return !heads.contains(event) && snapshot.event(event).root() == null;
                    }
                    trees[0] += method.getName().equals("tree") ? 1 : 0;
                    return method.invoke(snapshot, arguments);
                });
    }
}
