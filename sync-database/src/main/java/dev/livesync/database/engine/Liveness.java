package dev.livesync.database.engine;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNodes;
import dev.livesync.database.store.BlockIndex;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks a database cannot do without. Dead are the nodes of superseded trees, and pending events that were given up; events never are, nor
 * any block that is no tree node.
 *
 * <p>A node is alive if it is in the last canonical tree, from which the next one is made; in the tree that a head or a pending event
 * names; or if it was written since some recent event, so that sessions which are a little behind find it.
 */
class Liveness {
    private final Core core;
    private final BlockIndex index;
    private final BitSet blocks = new BitSet();
    private final int nodesFrom;
    private long nodeBytes;
    private long deadBytes;

    /**
     * Finds out what is alive.
     *
     * @param state the core's latest; all of it is durable
     * @param recentEvents how many of the last events keep the nodes that were written with them
     */
    Liveness(State state, int recentEvents) {
        core = state.core;
        index = core.store.index();
        nodesFrom = Math.max(core.nodesFrom, state.events - recentEvents);
        BitSet used = used(state);
        int recent = firstRecent(state);
        for (int number = 0; number < index.size(); number++) {
            boolean node = isNode(number);
            if (core.isEvicted(number) || node && number < recent && !used.get(number)) {
                deadBytes += index.length(number);
            } else {
                blocks.set(number);
                nodeBytes += node ? index.length(number) : 0;
            }
        }
    }

    /** Keeps dead nodes where they are. What was given up goes all the same: it would be there again. */
    void spare(IntPredicate stays) {
        for (int number = blocks.nextClearBit(0); number < index.size(); number = blocks.nextClearBit(number + 1)) {
            if (!core.isEvicted(number) && stays.test(number)) {
                blocks.set(number);
                nodeBytes += index.length(number);
                deadBytes -= index.length(number);
            }
        }
    }

    /** The blocks that are alive or stay, by number. */
    BitSet blocks() {
        return blocks;
    }

    /** From this event on, the nodes that were written with an event are alive. */
    int nodesFrom() {
        return nodesFrom;
    }

    /** The content of the nodes that are alive or stay. */
    long nodeBytes() {
        return nodeBytes;
    }

    /** The content of what is dead. */
    long deadBytes() {
        return deadBytes;
    }

    private boolean isNode(int number) {
        return index.isNode(number) && !core.isKnownEvent(index.cid(number));
    }

    private int firstRecent(State state) {
        int first = nodesFrom;
        if (first >= state.events) {
            return index.size();
        }
        while (first > 0 && core.feed.isInterior(first - 1)) {
            first--;
        }
        return index.find(core.graph.cid(first), index.size()) - core.feed.nodes(first);
    }

    /** The nodes of all trees in use, by number. */
    BitSet used(State state) {
        BitSet used = new BitSet();
        mark(core.baseRoot, true, used);
        for (int head : state.headIndexes) {
            mark(state.event(head).root(), false, used);
        }
        for (PendingEvent e : core.pending.all()) {
            mark(e.root, false, used);
        }
        return used;
    }

    /** Marks a tree as far as it is stored. Of our own trees leaves need not be read: a branch says what is right below it. */
    private void mark(@Nullable Cid root, boolean own, BitSet used) {
        ArrayDeque<Integer> branches = new ArrayDeque<>();
        enter(root, used, branches);
        while (!branches.isEmpty()) {
            if (read(branches.pop()) instanceof TreeNode.Branch branch) {
                boolean overLeaves = own && branch.distance() == 1;
                for (BranchEntry e : branch.entries()) {
                    enter(e.child(), used, overLeaves ? null : branches);
                }
            }
        }
    }

    private void enter(@Nullable Cid cid, BitSet used, @Nullable ArrayDeque<Integer> branches) {
        int number = cid == null ? -1 : core.stored(cid);
        if (number >= 0 && isNode(number) && !used.get(number)) {
            used.set(number);
            if (branches != null) {
                branches.push(number);
            }
        }
    }

    /** Null for what only looks like a node: an author may claim anything as his root. */
    private @Nullable TreeNode read(int number) {
        try {
            return TreeNodes.decode(core.store.block(number), Core.STORED);
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.MALFORMED || e.kind() == ErrorKind.LIMIT_EXCEEDED) {
                return null;
            }
            throw e;
        }
    }
}
