package dev.livesync.database.replica;

import dev.livesync.database.log.BlockStore;
import java.util.BitSet;

/**
 * Makes the store that has only what is alive, beside the one in use. Blocks that are written meanwhile are all taken over, in rounds, and
 * so is what they name of the dead. One thread at a time.
 */
final class StoreCompaction {
    /** Blocks that can be taken over while writers wait. */
    private static final int FEW = 1_024;

    /** Blocks between two questions whether to go on. */
    private static final int GOES_ON = 0xffff;

    private final Liveness alive;
    private final BlockStore.Successor successor;
    /** How many of the blocks that were judged are alive. */
    private final int kept;
    /** The number of the first block that was not taken over yet. */
    private int next;

    private StoredView seen;
    private boolean behind = true;

    /** Takes over what is alive. */
    StoreCompaction(MaintenanceView moment, Liveness alive) {
        this.alive = alive;
        successor = moment.view().store.prepareSuccessor();
        BitSet blocks = alive.blocks();
        int shared = successor.share(Math.min(blocks.nextClearBit(0), alive.bound()));
        for (int number = blocks.nextSetBit(shared); number >= 0; number = blocks.nextSetBit(number + 1)) {
            if ((number & GOES_ON) == 0) {
                moment.goesOn().run();
            }
            successor.add(number);
        }
        kept = successor.size();
        next = alive.bound();
        seen = moment.view();
    }

    /** Whether more came in the last round than writers should wait for. */
    boolean isBehind() {
        return behind;
    }

    /** Takes over what came since; the view is durable. */
    void catchUp(MaintenanceView later) {
        StoredView view = later.view();
        if (view == seen) {
            behind = false;
            return;
        }
        seen = view;
        alive.remark(later);
        behind = view.blocks() - next > FEW;
        while (next < view.blocks()) {
            successor.add(next++);
        }
    }

    /** Gives the new store to the writer state. Nothing is on its way, and nothing came since. */
    void install(WriterState writer) {
        // Last, since the blocks of a commit follow each other.
        alive.revived().stream().forEach(successor::add);
        writer.keep(successor.install(), alive, kept);
    }
}
