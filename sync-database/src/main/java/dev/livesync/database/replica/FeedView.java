package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.replica.Summary;
import dev.livesync.database.index.Indexes;

/** The documents after a prefix of a feed. What it names is read where the feed's store is. Immutable; any thread, without a lock. */
final class FeedView extends ReadView {
    final FeedState state;
    private final BlockReader blocks;

    private FeedView(FeedState state, Winners winners, Indexes indexes, BlockReader blocks) {
        super(state, state.keys.size(), winners, indexes);
        this.state = state;
        this.blocks = blocks;
    }

    /** Computes the view of a state from scratch. */
    static FeedView of(FeedState state, BlockReader blocks) {
        Winners winners = winners(state);
        return new FeedView(state, winners, indexes(state, winners), blocks);
    }

    /** Computes the view of the same state after a step. */
    FeedView next(int[] changedKeys) {
        Winners next = nextWinners(changedKeys);
        return new FeedView(state, next, nextIndexes(changedKeys, next), blocks);
    }

    /** The counts of what is derived; what else the store holds only the replica knows. */
    @Override
    public Summary summary() {
        return new Summary(count(), events, 0, 0, 0);
    }

    @Override
    Block present(Cid cid) {
        return FeedState.present(blocks, cid);
    }

    /** Authors' trees are asked for at the replica; here a tree is the canonical one. */
    @Override
    boolean isWhole(Cid root) {
        return false;
    }
}
