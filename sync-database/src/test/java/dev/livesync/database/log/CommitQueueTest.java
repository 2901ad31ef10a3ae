package dev.livesync.database.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.FailingDisk;
import dev.livesync.database.disk.MemoryDisk;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is published, when, and what the queue gives back of it. */
class CommitQueueTest {
    private final FailingDisk disk = new FailingDisk(new MemoryDisk());
    private final List<String> published = new ArrayList<>();
    private BlockStore store;
    private CommitQueue<String> queue;

    @BeforeEach
    void open() throws IOException {
        SegmentLog log = SegmentLog.open(disk, 1 << 20, new Random(1));
        log.scan(payload -> {});
        store = new BlockStore(log, 1, 0);
        queue = new CommitQueue<>(log, store, published::add);
    }

    private CommitQueue.Ticket<String> add(String name) {
        Block block = Block.of(Cid.RAW, name.getBytes(StandardCharsets.UTF_8));
        return queue.add(
                transaction(block), () -> name + " is block " + (store.index().size() - 1));
    }

    private static Transaction transaction(Block block) {
        return new Transaction(
                0, true, "", List.of(), List.of(), List.of(new Transaction.Entry(block, false)), List.of(), null);
    }

    @Test
    void aPublicationIsMadeOnceTheBlocksAreReadable() {
        assertThat(add("a").publication()).isEqualTo("a is block 0");
        assertThat(add("b").publication()).isEqualTo("b is block 1");
        assertThat(published).isEmpty();
    }

    @Test
    void whatIsDurableIsPublishedInTheOrderOfAdding() {
        CommitQueue.Ticket<String> first = add("a");
        add("b");
        queue.await(first);
        assertThat(published)
                .as("who waits for the first writes the second, too")
                .containsExactly("a is block 0", "b is block 1");
        queue.await(add("c"));
        assertThat(published).hasSize(3).endsWith("c is block 2");
        queue.await(queue.last());
        assertThat(published).hasSize(3);
    }

    /** The last ticket is kept, and its blocks may be large. */
    @Test
    void nobodyHoldsTheBlocksOfWhatIsWritten() {
        WeakReference<Block> block = written();
        assertThat(queue.last()).isNotNull();
        await().until(() -> {
            System.gc();
            return block.get() == null;
        });
    }

    private WeakReference<Block> written() {
        Block block = Block.of(Cid.RAW, new byte[1 << 10]);
        queue.await(queue.add(transaction(block), () -> "large"));
        return new WeakReference<>(block);
    }

    @Test
    void nothingIsPublishedThatCouldNotBeWritten() {
        queue.await(add("a"));
        disk.fail(FailingDisk.Fault.FORCE);
        CommitQueue.Ticket<String> lost = add("b");
        assertThatThrownBy(() -> queue.await(lost))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE));
        CommitQueue.Ticket<String> late = add("c");
        assertThatThrownBy(() -> queue.await(late)).isInstanceOf(SyncException.class);
        assertThat(published).containsExactly("a is block 0");
    }
}
