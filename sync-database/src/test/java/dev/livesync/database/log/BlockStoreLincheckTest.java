package dev.livesync.database.log;

import static dev.livesync.database.schedules.Schedules.require;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.schedules.Schedules;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A reader gets the block that it asked for, whatever a writer and a compaction do with it meanwhile: the sequential specification
 * is a map that nobody changes. The log beneath is one step to Lincheck.
 */
class BlockStoreLincheckTest {
    private static final int SCHEDULES = 100;
    private static final List<Transaction.Entry> ENTRIES = List.of(entry("dead"), entry("alive"));
    private static final Block ALIVE = ENTRIES.get(1).block();

    private static Transaction.Entry entry(String text) {
        return new Transaction.Entry(Block.of(Cid.RAW, text.getBytes(StandardCharsets.UTF_8)), true);
    }

    private static SegmentLog log() throws IOException {
        SegmentLog log = SegmentLog.open(new MemoryDisk(), 1 << 20, new Random(1));
        log.scan(payload -> {});
        return log;
    }

    private static void write(SegmentLog log, BlockStore store, int first) throws IOException {
        List<ByteBuffer> payload = List.of(ENTRIES.get(0).block().bytes(), ALIVE.bytes());
        long location = log.append(payload);
        log.force();
        store.written(first, ENTRIES, location);
    }

    /** Blocks that are on their way to the disk are read from memory, then from the disk. */
    public static class Writing {
        private final SegmentLog log = log();
        private final BlockStore store = new BlockStore(log, 1, 1 << 20);
        private final int first = store.addUnwritten(ENTRIES);

        public Writing() throws IOException {}

        @Operation(runOnce = true)
        public void write() throws IOException {
            BlockStoreLincheckTest.write(log, store, first);
        }

        @Operation
        public boolean read() {
            return store.block(1).equals(ALIVE);
        }
    }

    /** A segment is written anew, twice, while snapshots are taken, read and closed. */
    public static class Compacting {
        private final SegmentLog log = log();
        private final BlockStore first = new BlockStore(log, 1, 0);
        private volatile BlockStore current = first;
        private int compactions;
        private int releases;

        public Compacting() throws IOException {
            write(log, first, first.addUnwritten(ENTRIES));
            log.rollOver();
        }

        @Operation(nonParallelGroup = "compactions")
        public void compact() throws IOException {
            BlockStore old = current;
            BlockStore.Successor successor = old.prepareSuccessor();
            successor.add(compactions++ == 0 ? 1 : 0);
            BlockStore next = successor.install();
            current = next;
            try (SegmentRewrite rewrite = log.rewrite(1)) {
                long at = rewrite.append(List.of(ALIVE.bytes()));
                rewrite.finish();
                rewrite.replace();
                next.move(0, at);
            }
            afterCompaction(old);
        }

        void afterCompaction(BlockStore old) {
            old.whenReleased(this::release);
        }

        /** A real database lets its log close the files only once nobody reads any earlier store. */
        synchronized void release() {
            releases++;
            try {
                log.releaseReplaced();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        /** As a snapshot does. */
        @Operation
        public boolean readPinned() {
            BlockStore store = current;
            while (!store.pin()) {
                store = current;
            }
            boolean same = store.block(store.index().find(ALIVE.cid(), Integer.MAX_VALUE))
                    .equals(ALIVE);
            store.unpin();
            return same;
        }

        /** As a view does that was taken long ago. */
        @Operation
        public boolean readLate() {
            return first.block(1).equals(ALIVE);
        }

        @Validate
        public void releases() {
            require(releases == compactions, compactions + " compactions, " + releases + " releases");
        }
    }

    @Test
    void aBlockIsReadableWhileItIsWritten() {
        Schedules.check(SCHEDULES, Writing.class);
    }

    @Test
    void aBlockIsReadableWhileItMoves() {
        Schedules.check(SCHEDULES, Compacting.class);
    }

    @Test
    @Tag("soak")
    void manySchedules() {
        Schedules.check(40 * SCHEDULES, Writing.class);
        Schedules.check(40 * SCHEDULES, Compacting.class);
    }

    /** The planted defect: releases the files under whoever has the old store pinned. */
    public static class ReleasingAtOnce extends Compacting {
        public ReleasingAtOnce() throws IOException {}

        @Override
        void afterCompaction(BlockStore old) {
            release();
        }
    }

    @Test
    void filesReleasedUnderAReaderAreFound() {
        Schedules.checkFound(SCHEDULES, ReleasingAtOnce.class, "SyncException");
    }
}
