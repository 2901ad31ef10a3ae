package dev.livesync.core.protocol.alpha;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNodes;
import dev.livesync.core.protocol.MessageSizes;
import dev.livesync.core.protocol.ReceivedCar;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The events that an alpha with several heads leaves out: it sends those after the heads' common ancestor and nothing before.
 *
 * <p>It answers a diff whenever it gets one, so it is asked again, less and less often. If it says that nothing is missing,
 * it gets an event that merges its heads on top of the tree that it has itself merged: with one head it sends everything.
 */
final class MissingAncestors {
    private static final long FIRST_NANOS = 500_000_000L;
    private static final int MOST_DOUBLINGS = 7;

    private boolean awaiting;
    private boolean saidOk;
    private boolean merged;
    private int tries;
    private @Nullable Cid root;

    /** Records that our diff was sent. */
    void asked() {
        awaiting = true;
        saidOk = false;
    }

    void ok() {
        awaiting = false;
        saidOk = true;
    }

    void received(ReceivedCar car) {
        awaiting &= !car.rooted();
        if (car.roots().size() > 1) {
            Cid top = mergedRoot(car);
            root = top != null ? top : root;
        }
    }

    /** Whether an answer is under way. */
    boolean isAwaiting() {
        return awaiting;
    }

    /** How long to wait before the next diff. */
    long pause() {
        return FIRST_NANOS << Math.min(tries, MOST_DOUBLINGS);
    }

    /** Called before another diff is sent; returns what has to be sent before it, or null. */
    @Nullable
    Event again(Collection<Cid> clock) {
        tries++;
        if (!saidOk || merged || root == null || clock.size() < 2) {
            return null;
        }
        merged = true;
        return Events.delete(Keys.RESERVED, root, List.copyOf(new TreeSet<>(clock)));
    }

    /** The alpha's own merge of its heads is a tree that nothing refers to, and the first that it sends. */
    private static @Nullable Cid mergedRoot(ReceivedCar car) {
        Set<Cid> referred = new HashSet<>();
        List<Cid> nodes = new ArrayList<>();
        for (Block block : car.blocks()) {
            if (TreeNodes.looksLikeNode(block)) {
                nodes.add(block.cid());
                try {
                    if (TreeNodes.decode(block, MessageSizes.ANY) instanceof TreeNode.Branch branch) {
                        branch.entries().forEach(e -> referred.add(e.child()));
                    }
                } catch (SyncException e) {
                    return null;
                }
            }
        }
        List<Cid> tops = nodes.stream().filter(n -> !referred.contains(n)).toList();
        List<Cid> nobodys = tops.stream()
                .filter(n -> car.events().stream().noneMatch(e -> e.root() != null && n.equals(e.root())))
                .toList();
        if (nobodys.size() == 1) {
            return nobodys.get(0);
        }
        return tops.isEmpty() ? null : tops.get(0);
    }
}
