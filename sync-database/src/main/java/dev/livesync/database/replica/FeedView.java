package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.replica.Summary;
import dev.livesync.database.index.Indexes;

/** The documents after a prefix of a feed. What it names is read where the feed's store is. Immutable; any thread, without a lock. */
public final class FeedView extends ReadView {
    final FeedState state;
    private final BlockReader blocks;
    private final WholeRoots whole;

    private FeedView(FeedState state, Winners winners, Indexes indexes, BlockReader blocks, WholeRoots whole) {
        super(state, state.keys.size(), winners, indexes);
        this.state = state;
        this.blocks = blocks;
        this.whole = whole;
    }

    private FeedView(FeedView other, BlockReader blocks) {
        super(other);
        this.state = other.state;
        this.blocks = blocks;
        this.whole = other.whole.elsewhere();
    }

    /** Computes the view of a state from scratch. */
    static FeedView of(FeedState state, BlockReader blocks) {
        Winners winners = winners(state);
        return new FeedView(state, winners, indexes(state, winners), blocks, new WholeRoots());
    }

    /** Computes the view of the same state after a step. */
    FeedView next(int[] changedKeys) {
        Winners next = nextWinners(changedKeys);
        return new FeedView(state, next, nextIndexes(changedKeys, next), blocks, whole.elsewhere());
    }

    /**
     * The same moment, read elsewhere: through a connection of its own, say, or with the blocks of that moment and no later ones.
     *
     * @param reader where its blocks are
     * @return the view
     */
    public FeedView reading(BlockReader reader) {
        return new FeedView(this, reader);
    }

    /**
     * The counts of what is derived; what else a store holds is not known here.
     *
     * @return documents and events, and 0 for all others
     */
    @Override
    public Summary summary() {
        return new Summary(count(), events, 0, 0, 0);
    }

    @Override
    Block present(Cid cid) {
        return FeedState.present(blocks, cid);
    }

    @Override
    boolean isWhole(Cid root) {
        return whole.isWhole(blocks, root, events);
    }
}
