package dev.livesync.database.tree;

import dev.livesync.car.Chunker;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.car.TreeNodes;
import java.util.List;

/** The common operations of leaves and branches. One for each level; one thread at a time, as the {@link Chunker}. */
sealed interface NodeKind<E> {
    String key(E entry);

    int size(E entry);

    boolean cuts(E entry);

    long nodeSize(int entries, long entryBytes);

    /** How many entries a node holds before its size matters. */
    int least();

    TreeNode make(List<E> entries, boolean closed);

    List<E> entries(TreeNode node);

    /** Level 0. */
    record Leaves(Chunker chunker) implements NodeKind<LeafEntry> {
        @Override
        public String key(LeafEntry entry) {
            return entry.key();
        }

        @Override
        public int size(LeafEntry entry) {
            return entry.encodedSize();
        }

        @Override
        public boolean cuts(LeafEntry entry) {
            return chunker.cuts(entry);
        }

        @Override
        public long nodeSize(int entries, long entryBytes) {
            return TreeNodes.leafSize(entries, entryBytes);
        }

        @Override
        public int least() {
            return 1;
        }

        @Override
        public TreeNode make(List<LeafEntry> entries, boolean closed) {
            return TreeNodes.leaf(entries, closed);
        }

        @Override
        public List<LeafEntry> entries(TreeNode node) {
            return ((TreeNode.Leaf) node).entries();
        }
    }

    /** A level above the leaves. */
    record Branches(Chunker chunker, int level) implements NodeKind<BranchEntry> {
        @Override
        public String key(BranchEntry entry) {
            return entry.key();
        }

        @Override
        public int size(BranchEntry entry) {
            return entry.encodedSize();
        }

        @Override
        public boolean cuts(BranchEntry entry) {
            return chunker.cuts(entry);
        }

        @Override
        public long nodeSize(int entries, long entryBytes) {
            return TreeNodes.branchSize(level, entries, entryBytes);
        }

        @Override
        public int least() {
            return 2;
        }

        @Override
        public TreeNode make(List<BranchEntry> entries, boolean closed) {
            return TreeNodes.branch(level, entries, closed);
        }

        @Override
        public List<BranchEntry> entries(TreeNode node) {
            return ((TreeNode.Branch) node).entries();
        }
    }
}
