package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.database.log.BlockIndex;
import dev.livesync.database.log.BlockStore;
import dev.livesync.database.log.PayloadReader;
import dev.livesync.database.log.SegmentLog;
import dev.livesync.database.log.SegmentRewrite;
import dev.livesync.database.log.Transaction;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rewrites one sealed segment without its dead blocks: the same commits in the same order. Every block is hashed on the way, unless it
 * comes from memory and was hashed before. The old file counts until the new one is durable and in its place.
 */
final class SegmentCompaction implements AutoCloseable {
    private final BlockStore store;
    private final Runnable goesOn;
    private final SegmentRewrite rewrite;
    /** The blocks in the new file and their locations, side by side. */
    private final List<Integer> numbers = new ArrayList<>();

    private final List<Long> places = new ArrayList<>();

    /** Blocks of the old file that are not in the new one. */
    private final Set<Cid> dropped = new HashSet<>();

    private SegmentCompaction(BlockStore store, Runnable goesOn, SegmentRewrite rewrite) {
        this.goesOn = goesOn;
        this.store = store;
        this.rewrite = rewrite;
    }

    /**
     * Writes the new file.
     *
     * @param store has the blocks that are alive, and no others
     * @param segment a sealed one
     * @param goesOn throws when it is no longer wanted
     */
    static SegmentCompaction write(SegmentLog log, BlockStore store, int segment, Runnable goesOn) throws IOException {
        SegmentCompaction compaction = new SegmentCompaction(store, goesOn, log.rewrite(segment));
        boolean written = false;
        try {
            log.read(segment, compaction::record);
            compaction.rewrite.finish();
            written = true;
            return compaction;
        } finally {
            if (!written) {
                compaction.close();
            }
        }
    }

    private void record(PayloadReader payload) throws IOException {
        goesOn.run();
        List<ByteBuffer> parts = new ArrayList<>();
        List<Integer> kept = new ArrayList<>();
        while (payload.remaining() > 0) {
            commit(Transaction.Head.read(payload), parts, kept);
        }
        if (parts.isEmpty()) {
            return;
        }
        int[] lengths = new int[parts.size()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = parts.get(i).remaining();
        }
        long location = rewrite.append(parts);
        for (int i = 0; i < lengths.length; i++) {
            if (kept.get(i) >= 0) {
                numbers.add(kept.get(i));
                places.add(location);
            }
            location += lengths[i];
        }
    }

    /** Adds a commit's parts, and for each the number of the block that it is, -1 for the head. */
    private void commit(Transaction.Head commit, List<ByteBuffer> parts, List<Integer> kept) {
        List<Transaction.Head.Stored> blocks = new ArrayList<>(commit.blocks().size());
        List<ByteBuffer> contents = new ArrayList<>(commit.blocks().size());
        List<Integer> alive = new ArrayList<>(commit.blocks().size());
        List<Cid> evicted = commit.evicted().isEmpty()
                ? List.of()
                : commit.evicted().stream().filter(cid -> !dropped.remove(cid)).toList();
        BlockIndex index = store.index();
        for (Transaction.Head.Stored s : commit.blocks()) {
            int number = index.find(s.cid(), Integer.MAX_VALUE);
            if (number >= 0 && store.location(number) == s.location()) {
                blocks.add(s);
                contents.add(store.contentOnce(number));
                alive.add(number);
            } else {
                dropped.add(s.cid());
            }
        }
        if (blocks.isEmpty()
                && !commit.repaired()
                && !commit.restored()
                && commit.tree() == null
                && commit.accepted().isEmpty()
                && commit.promoted().isEmpty()
                && evicted.isEmpty()) {
            return;
        }
        parts.addAll(Transaction.encodeInPlaceOf(commit, evicted, blocks, contents));
        kept.add(-1);
        kept.addAll(alive);
    }

    /** Replaces the old file by the new one. Readers find the blocks in either. */
    void replace() throws IOException {
        rewrite.replace();
        for (int i = 0; i < numbers.size(); i++) {
            store.move(numbers.get(i), places.get(i));
        }
    }

    /** Removes the new file unless it replaced the old one. */
    @Override
    public void close() throws IOException {
        rewrite.close();
    }
}
