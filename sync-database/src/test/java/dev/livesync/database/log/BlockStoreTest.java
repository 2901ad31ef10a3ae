package dev.livesync.database.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.database.disk.MemoryDisk;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BlockStoreTest {
    private static Transaction.Entry entry(int seed) {
        byte[] bytes = new byte[100];
        new Random(seed).nextBytes(bytes);
        return new Transaction.Entry(Block.of(Cid.RAW, bytes), true);
    }

    private static BlockStore only(BlockStore store, int number) {
        BlockStore.Successor successor = store.prepareSuccessor();
        successor.add(number);
        return successor.install();
    }

    /** Writes segment 1 anew with one block, which has number 0 in the store. */
    private static void compact(SegmentLog log, BlockStore store, Block block) throws IOException {
        try (SegmentRewrite rewrite = log.rewrite(1)) {
            long at = rewrite.append(List.of(block.bytes()));
            rewrite.finish();
            rewrite.replace();
            store.move(0, at);
        }
    }

    @Test
    void aReaderThatSleptThroughTwoCompactionsLooksAgain() throws IOException {
        SegmentLog log = SegmentLog.open(new MemoryDisk(), 1 << 20, new Random(1));
        log.scan(payload -> {});
        BlockStore first = new BlockStore(log, 1, 0);
        List<Transaction.Entry> entries = List.of(entry(1), entry(2));
        List<ByteBuffer> payload = entries.stream().map(e -> e.block().bytes()).toList();
        first.written(first.addUnwritten(entries), entries, log.append(payload));
        log.force();
        log.rollOver();

        Block alive = entries.get(1).block();
        BlockStore second = only(first, 1);
        long before = second.location(0);
        compact(log, second, alive);
        first.whenReleased(() -> {});
        log.releaseReplaced();
        BlockStore third = only(second, 0);
        compact(log, third, alive);

        // The file at that place has the same parity again, and other bytes there.
        assertThat(second.read(0, before)).isEqualTo(alive);
        second.whenReleased(() -> {});
        log.releaseReplaced();
        assertThat(second.read(0, before)).isEqualTo(alive);
        assertThat(third.block(0)).isEqualTo(alive);
    }

    /** One that a collector has not found yet would keep all that came after it, with their caches: hundreds of megabytes. */
    @Test
    void aStoreKeepsNoneOfThoseBetweenItAndTheLatest() throws IOException {
        SegmentLog log = SegmentLog.open(new MemoryDisk(), 1 << 20, new Random(1));
        log.scan(payload -> {});
        BlockStore first = new BlockStore(log, 1, 0);
        List<Transaction.Entry> entries = List.of(entry(1));
        List<ByteBuffer> payload = entries.stream().map(e -> e.block().bytes()).toList();
        first.written(first.addUnwritten(entries), entries, log.append(payload));
        BlockStore second = only(first, 0);
        BlockStore third = only(second, 0);
        WeakReference<BlockStore> between = new WeakReference<>(second);
        second = null;
        await().atMost(30, TimeUnit.SECONDS).until(() -> {
            System.gc();
            return between.get() == null;
        });
        assertThat(first.block(0)).isEqualTo(third.block(0));
    }
}
