package dev.livesync.database.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.database.disk.MemoryDisk;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What it takes to append a record, in bytes of heap. No clock on the wall. */
class AppendCostTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** A disk in memory takes the bytes once. */
    private static void costs(int blockBytes, int blocks, int records) throws IOException {
        SegmentLog log = SegmentLog.open(new MemoryDisk(), 1L << 40, new Random(1));
        log.scan(payload -> {});
        byte[] bytes = new byte[blockBytes];
        new Random(2).nextBytes(bytes);
        Block block = Block.of(Cid.RAW, bytes);
        append(log, block, blocks);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < records; i++) {
            append(log, block, blocks);
        }
        long written = (long) blockBytes * blocks * records;
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(written + written / 4);
        log.abandon();
    }

    private static void append(SegmentLog log, Block block, int blocks) throws IOException {
        ByteBuffer[] parts = new ByteBuffer[blocks];
        for (int i = 0; i < blocks; i++) {
            parts[i] = block.bytes();
        }
        log.append(List.of(parts));
        log.force();
    }

    @Test
    void aRecordOfAPutIsCopiedOnce() throws IOException {
        costs(8_000, 2, 100);
    }

    @Test
    void aLargeRecordIsCopiedOnce() throws IOException {
        costs(100_000, 5, 10);
    }
}
