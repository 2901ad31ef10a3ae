package dev.livesync.database.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.checkpoint.CheckpointStore;
import dev.livesync.database.index.Indexes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A history of a store's feed through a checkpoint: the same, and whatever of an event is not what its content says is found. */
class SharedHistoryTest {
    private static final Cid TREE = Cid.hash(Cid.DAG_CBOR, new byte[] {1});
    private static final SharedBlocks NONE = new SharedBlocks() {
        @Override
        public Map<Cid, Block> read(Collection<Cid> cids) {
            return Map.of();
        }

        @Override
        public Block present(Cid cid) {
            throw new AssertionError(cid.toString());
        }

        @Override
        public Block event(int event, Cid cid) {
            throw new AssertionError(cid.toString());
        }
    };

    private static Event put(String key, Event... parents) {
        return Events.put(
                Keys.ofId(key),
                Encoded.of(new Value.Mapping(Map.of("k", new Value.Text(key)))),
                TREE,
                List.of(parents).stream().map(Event::cid).toList());
    }

    private static List<Event> events(Random random, int count) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Event last = i == 0 ? null : events.get(i - 1);
            String key = "key " + i + "-" + random.nextInt(10);
            if (i > 2 && random.nextInt(4) == 0) {
                // Its second parent says nothing: it is an ancestor of the first.
                events.add(put(key, last, events.get(random.nextInt(i - 1))));
            } else if (i > 2 && random.nextInt(4) == 0) {
                events.add(put(key, events.get(random.nextInt(i))));
            } else {
                events.add(last == null ? put(key) : put(key, last));
            }
        }
        return events;
    }

    private static SharedHistory.Loaded again(CheckpointStore.Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        content.writeTo(bytes);
        return SharedHistory.load(new Random(2), new ByteArrayInputStream(bytes.toByteArray()), bytes.size());
    }

    @Test
    void whatWasLoadedIsTheSameAndGoesOn() throws IOException {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Event> events = events(random, 300);
        SharedHistory read = new SharedHistory(new Random(1));
        for (int i = 0; i < 200; i++) {
            read.follow(events.get(i).block(), false, i % 7 == 0);
        }
        SharedHistory.Loaded loaded = again(read.checkpoint("here"));
        assertThat(loaded.place()).isEqualTo("here");
        SharedHistory begun = loaded.history();
        for (int i = 0; i < 200; i++) {
            assertThat(begun.step(i))
                    .isEqualTo(new SharedHistory.Step(events.get(i).cid(), false, i % 7 == 0));
            assertThat(begun.agrees(i, events.get(i).block()))
                    .as("seed %d, event %d", seed, i)
                    .isTrue();
            assertThat(begun.agrees(i, events.get((i + 1) % 200).block())).isFalse();
        }
        for (int i = 200; i < 300; i++) {
            read.follow(events.get(i).block(), false, true);
            begun.follow(events.get(i).block(), false, true);
        }
        SharedView expected = read.view(NONE, 0, 0, 0);
        SharedView view = begun.view(NONE, 0, 0, 0);
        assertThat(view.heads()).as("seed %d", seed).isEqualTo(expected.heads());
        assertThat(view.count()).isEqualTo(expected.count());
        for (int i = 0; i < 300; i++) {
            List<Cid> clock = List.of(events.get(i).cid());
            assertThat(view.since(clock).sorted().toArray())
                    .as("seed %d, since event %d", seed, i)
                    .isEqualTo(expected.since(clock).sorted().toArray());
        }
    }

    /** The names are right, and something else is not: no checksum says so, since it was written like that. */
    @Test
    void anEventThatIsNotWhatItsContentSaysIsFound() throws IOException {
        Event first = put("first");
        Event second = put("second", first);
        Event third = put("third", second);
        FeedState wrong = new FeedState(cid -> null, new Random(1), List.of());
        add(wrong, first, "first", false);
        add(wrong, second, "other", false, 0);
        add(wrong, third, "third", true, 1);
        SharedHistory history = again(FeedImage.of(wrong, Indexes.NONE, "")).history();
        assertThat(history.agrees(0, first.block())).isTrue();
        assertThat(history.agrees(1, second.block())).as("its key").isFalse();
        assertThat(history.agrees(2, third.block())).as("it deletes").isFalse();

        FeedState parents = new FeedState(cid -> null, new Random(1), List.of());
        add(parents, first, "first", false);
        add(parents, second, "second", false);
        add(parents, third, "third", false, 0);
        SharedHistory other = again(FeedImage.of(parents, Indexes.NONE, "")).history();
        assertThat(other.agrees(0, first.block())).isTrue();
        assertThat(other.agrees(1, second.block())).as("it has a parent").isFalse();
        assertThat(other.agrees(2, third.block())).as("it has another one").isFalse();
    }

    private static void add(FeedState to, Event event, String key, boolean delete, int... parents) {
        int index = to.graph.add(event.cid(), to.keys.intern(Keys.ofId(key)), delete, parents);
        to.documents.accept(index);
        to.feed.add(index, false, true, false, 0, Origin.LOCAL);
    }

    @Test
    void whatIsNoCheckpointIsRefused() {
        byte[] bytes = new byte[100];
        assertThatThrownBy(() -> SharedHistory.load(new Random(1), new ByteArrayInputStream(bytes), bytes.length))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT));
        assertThatThrownBy(() -> SharedHistory.place(new ByteArrayInputStream(bytes), bytes.length))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT));
    }
}
