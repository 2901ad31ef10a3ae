package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNodes;
import dev.livesync.database.log.BlockIndex;
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
    /** Blocks between two questions whether to go on. */
    private static final int GOES_ON = 0xffff;

    private final StoredView view;
    private final BlockIndex index;
    private final int bound;
    private final BitSet blocks = new BitSet();
    /** Nodes in use, of all moments that were looked at. */
    private final BitSet used;
    /** What was dead and came into use again. */
    private final BitSet revived = new BitSet();

    private final int nodesFrom;
    private boolean judged;
    private long nodeBytes;
    private long deadBytes;
    private long droppedBytes;

    /**
     * Finds out what is alive. What is written meanwhile is not looked at, and alive.
     *
     * @param moment all of it is durable
     * @param recentEvents how many of the last events keep the nodes that were written with them
     */
    Liveness(MaintenanceView moment, int recentEvents) {
        view = moment.view();
        index = view.store.index();
        bound = view.blocks();
        nodesFrom = Math.max(view.nodesFrom, view.events - recentEvents);
        used = used(moment);
        int recent = firstRecent();
        for (int number = 0; number < bound; number++) {
            if ((number & GOES_ON) == 0) {
                moment.goesOn().run();
            }
            boolean node = isNode(moment, number);
            boolean dead = node && number < recent && !used.get(number);
            if (view.isEvicted(number) || dead) {
                deadBytes += index.length(number);
                droppedBytes += view.isEvicted(number) ? 0 : index.length(number);
            } else {
                blocks.set(number);
                nodeBytes += node ? index.length(number) : 0;
            }
        }
        judged = true;
    }

    /**
     * Looks at a later moment too: a tree may name a node again that was dead, and is not written anew then, since it is there.
     *
     * @param later a moment of the same writer state
     */
    void remark(MaintenanceView later) {
        mark(later, used);
    }

    /** How many blocks were looked at; what has a greater number is alive. */
    int bound() {
        return bound;
    }

    /** The nodes that are alive after all, by number. */
    BitSet revived() {
        return revived;
    }

    /** Whether a block was neither given up nor dead at first. */
    boolean isKept(int number) {
        return number >= bound || blocks.get(number);
    }

    /** The content of what is dead but was not given up, so that it counted until now. */
    long droppedBytes() {
        return droppedBytes;
    }

    /** The content of all nodes then. */
    long nodeBytesBefore() {
        return view.nodeBytes;
    }

    /** Keeps dead nodes where they are. What was given up goes all the same: it would be there again. */
    void spare(IntPredicate stays) {
        for (int number = blocks.nextClearBit(0); number < bound; number = blocks.nextClearBit(number + 1)) {
            if (!view.isEvicted(number) && stays.test(number)) {
                blocks.set(number);
                nodeBytes += index.length(number);
                deadBytes -= index.length(number);
                droppedBytes -= index.length(number);
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

    private boolean isNode(MaintenanceView moment, int number) {
        return index.isNode(number) && !moment.isKnownEvent(index.cid(number));
    }

    private int firstRecent() {
        int first = nodesFrom;
        if (first >= view.events) {
            return bound;
        }
        while (first > 0 && view.writer.feed.isInterior(first - 1)) {
            first--;
        }
        // Not below 0, as a forged checkpoint may say: then all blocks count as recent.
        return Math.max(0, index.find(view.writer.graph.cid(first), bound) - view.writer.feed.nodes(first));
    }

    /** The nodes of all trees in use, by number. */
    BitSet used(MaintenanceView moment) {
        BitSet marks = new BitSet();
        mark(moment, marks);
        return marks;
    }

    private void mark(MaintenanceView moment, BitSet marks) {
        StoredView now = moment.view();
        mark(moment, now.baseRoot, true, marks);
        for (int head : now.headIndexes) {
            mark(moment, now.event(head).root(), false, marks);
        }
        for (Cid root : moment.roots()) {
            mark(moment, root, false, marks);
        }
    }

    /** Marks a tree as far as it is stored. Of our own trees leaves need not be read: a branch says what is right below it. */
    private void mark(MaintenanceView moment, @Nullable Cid root, boolean own, BitSet marks) {
        ArrayDeque<Integer> branches = new ArrayDeque<>();
        enter(moment, root, marks, branches);
        while (!branches.isEmpty()) {
            moment.goesOn().run();
            if (read(branches.pop()) instanceof TreeNode.Branch branch) {
                boolean overLeaves = own && branch.distance() == 1;
                for (BranchEntry e : branch.entries()) {
                    enter(moment, e.child(), marks, overLeaves ? null : branches);
                }
            }
        }
    }

    private void enter(
            MaintenanceView moment, @Nullable Cid cid, BitSet marks, @Nullable ArrayDeque<Integer> branches) {
        int number = cid == null ? -1 : moment.view().number(cid);
        if (number >= 0 && !marks.get(number) && isNode(moment, number)) {
            marks.set(number);
            if (judged && !isKept(number)) {
                revived.set(number);
                nodeBytes += index.length(number);
                droppedBytes -= index.length(number);
            }
            if (branches != null) {
                branches.push(number);
            }
        }
    }

    /** Null for what only looks like a node: an author may claim anything as his root. */
    private @Nullable TreeNode read(int number) {
        try {
            return TreeNodes.decode(view.store.block(number), DerivedState.STORED);
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.MALFORMED || e.kind() == ErrorKind.LIMIT_EXCEEDED) {
                return null;
            }
            throw e;
        }
    }
}
