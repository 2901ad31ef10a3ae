package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Summary;
import dev.livesync.database.index.Indexes;
import dev.livesync.database.log.BlockStore;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A view of what an embedded database has in its log: the documents, and the blocks that were there at that moment. Immutable; any thread, without a lock. */
final class StoredView extends ReadView {
    final WriterState writer;
    /** The store at the time of this view; compaction replaces it in the writer state. */
    final BlockStore store;

    private final WholeTrees whole;
    /** The root of the last canonical tree, from which the next one is made. */
    @Nullable
    final Cid baseRoot;

    /** The first event whose tree nodes are surely here; those of earlier events may be gone. */
    final int nodesFrom;

    private final int blocks;
    private final int[] evicted;
    private final int pending;
    private final long bytes;
    /** The bytes of all tree nodes, and of those that were in use at the last compaction check. */
    final long nodeBytes;

    final long usedNodeBytes;
    /** The bytes of given-up blocks that aren't nodes. */
    final long evictedBytes;

    private StoredView(WriterState writer, Winners winners, Indexes indexes) {
        super(writer, writer.keys.size(), winners, indexes);
        this.writer = writer;
        this.store = writer.store;
        this.whole = writer.whole;
        this.baseRoot = writer.baseRoot;
        this.nodesFrom = writer.nodesFrom;
        this.blocks = writer.store.index().size();
        this.evicted = writer.evicted;
        this.pending = writer.pending.size();
        this.bytes = writer.bytes;
        this.nodeBytes = writer.nodeBytes;
        this.usedNodeBytes = writer.usedNodeBytes;
        this.evictedBytes = writer.evictedBytes;
    }

    /** Computes the view of a writer state from scratch. */
    static StoredView of(WriterState writer) {
        Winners winners = winners(writer);
        Indexes indexes = indexes(writer, winners);
        writer.checkpointBytes = writer.indexes.isMade() ? 0 : writer.checkpointBytes;
        return new StoredView(writer, winners, indexes);
    }

    /** Computes the view of the same writer state after a commit. */
    StoredView next(int[] changedKeys) {
        Winners next = nextWinners(changedKeys);
        return new StoredView(writer, next, nextIndexes(changedKeys, next));
    }

    @Override
    public Summary summary() {
        return new Summary(count(), events, pending, blocks - evicted.length, bytes);
    }

    @Nullable
    Block block(Cid cid) {
        int number = number(cid);
        return number < 0 ? null : store.block(number);
    }

    /** The size of a block; -1 if it is not stored. */
    int size(Cid cid) {
        int number = number(cid);
        return number < 0 ? -1 : store.index().length(number);
    }

    @Override
    Block present(Cid cid) {
        int number = store.index().find(cid, blocks);
        if (number < 0) {
            throw new SyncException(ErrorKind.CORRUPT, "block " + cid + " is named and not stored");
        }
        return store.block(number);
    }

    @Override
    boolean isWhole(Cid root) {
        return whole.isWhole(this, root);
    }

    boolean isStored(Cid cid) {
        return number(cid) >= 0;
    }

    /** The bytes of all stored blocks. */
    long bytes() {
        return bytes;
    }

    /** How many blocks there are, given up ones included. */
    int blocks() {
        return blocks;
    }

    boolean isEvicted(int number) {
        return evicted.length > 0 && Arrays.binarySearch(evicted, number) >= 0;
    }

    /** The number of a stored block, or -1. */
    int number(Cid cid) {
        int number = store.index().find(cid, blocks);
        return number < 0 || isEvicted(number) ? -1 : number;
    }
}
