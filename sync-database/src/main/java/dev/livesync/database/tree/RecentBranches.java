package dev.livesync.database.tree;

import dev.livesync.api.Cid;
import dev.livesync.car.TreeNode.Branch;
import java.util.Iterator;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** The branches that edits used last, decoded: the next edit needs the root and often what is right below it. One thread at a time. */
final class RecentBranches {
    /** Of blocks; decoded they take about three times as much. */
    private static final int CAPACITY = 256 << 10;

    private final LinkedHashMap<Cid, Branch> branches = new LinkedHashMap<>(64, 0.75f, true);
    private int used;

    @Nullable
    Branch get(Cid cid) {
        return branches.get(cid);
    }

    void add(Branch branch) {
        if (branch.block().size() > CAPACITY / 4 || branches.putIfAbsent(branch.cid(), branch) != null) {
            return;
        }
        used += branch.block().size();
        for (Iterator<Branch> oldest = branches.values().iterator(); used > CAPACITY; ) {
            used -= oldest.next().block().size();
            oldest.remove();
        }
    }
}
