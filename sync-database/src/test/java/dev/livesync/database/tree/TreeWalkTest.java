package dev.livesync.database.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.Encoded;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.car.TreeNodes;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** Trees as others may write them, by mistake or on purpose. */
class TreeWalkTest {
    private final Nodes nodes = new Nodes();

    private TreeNode leaf(String... keys) {
        List<LeafEntry> entries = new ArrayList<>();
        for (String key : keys) {
            entries.add(entry(key));
        }
        return kept(TreeNodes.leaf(entries, keys.length % 2 == 0));
    }

    private TreeNode branch(int distance, TreeNode... children) {
        List<BranchEntry> entries = new ArrayList<>();
        for (TreeNode child : children) {
            entries.add(new BranchEntry(child.firstKey(), child.cid()));
        }
        return kept(TreeNodes.branch(distance, entries, true));
    }

    private TreeNode kept(TreeNode node) {
        nodes.add(node);
        return node;
    }

    private static LeafEntry entry(String key) {
        return new LeafEntry(key, Encoded.of(new Value.Text(key)));
    }

    private List<String> walk(Cid root) {
        List<String> keys = new ArrayList<>();
        new TreeWalk(nodes, root, 1_000).forEachRemaining(e -> keys.add(e.key()));
        return keys;
    }

    private void refused(Cid root, ErrorKind kind, String part) {
        assertThatThrownBy(() -> walk(root))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(part);
    }

    @Test
    void depthMayDifferAndClaimsMeanNothing() {
        TreeNode uneven = branch(99, leaf("Ja"), branch(-1, leaf("Jb", "Jc"), branch(1, leaf("Jd"))), leaf("Je"));
        assertThat(walk(uneven.cid())).containsExactly("Ja", "Jb", "Jc", "Jd", "Je");
    }

    @Test
    void depthCostsNoStack() {
        TreeNode node = leaf("Jz");
        for (int i = 0; i < 100_000; i++) {
            node = branch(1, node);
        }
        List<LeafEntry> found = new ArrayList<>();
        new TreeWalk(nodes, node.cid(), 100_001).forEachRemaining(found::add);
        assertThat(found).containsExactly(entry("Jz"));
        TreeNode root = node;
        assertThatThrownBy(() -> new TreeWalk(nodes, root.cid(), 100_000).hasNext())
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED))
                .hasMessageContaining("more than 100000 nodes");
    }

    @Test
    void aNodeOutsideItsRangeIsRefused() {
        TreeNode a = leaf("Ja", "Jc");
        TreeNode b = leaf("Jb", "Jd");
        refused(branch(1, a, b).cid(), ErrorKind.MALFORMED, a.cid().toString());

        TreeNode tooSmall = kept(TreeNodes.branch(1, List.of(new BranchEntry("Jx", a.cid())), false));
        refused(tooSmall.cid(), ErrorKind.MALFORMED, a.cid().toString());

        // A range binds everything below, not the next level alone.
        TreeNode deep = branch(2, branch(1, a), leaf("Jb"));
        refused(deep.cid(), ErrorKind.MALFORMED, a.cid().toString());
    }

    @Test
    void theSameNodeTwiceIsRefused() {
        TreeNode a = leaf("Ja");
        TreeNode twice = kept(
                TreeNodes.branch(1, List.of(new BranchEntry("Ja", a.cid()), new BranchEntry("Jb", a.cid())), false));
        refused(twice.cid(), ErrorKind.MALFORMED, a.cid().toString());
    }

    /** No hash allows it, but a reader may be wrong. */
    @Test
    void aCircleEnds() {
        TreeNode a = leaf("Ja");
        TreeNode around = TreeNodes.branch(1, List.of(new BranchEntry("Ja", a.cid())), false);
        assertThatThrownBy(() -> new TreeWalk(cid -> around, around.cid(), 50).hasNext())
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED));
    }

    @Test
    void whatIsNotStoredIsTheReadersToSay() {
        TreeNode a = leaf("Ja");
        TreeNode root = branch(1, a, leaf("Jb"));
        nodes.blocks.remove(a.cid());
        refused(root.cid(), ErrorKind.NOT_FOUND, a.cid().toString());
    }

    @Test
    void endsAndStaysAtItsEnd() {
        TreeWalk walk = new TreeWalk(nodes, branch(1, leaf("Ja"), leaf("Jb")).cid(), 3);
        walk.forEachRemaining(e -> {});
        assertThat(walk.hasNext()).isFalse();
        assertThatThrownBy(walk::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void differencesAreKeysOfEitherSideAndOtherValues() {
        List<LeafEntry> one = List.of(entry("Ja"), entry("Jb"), new LeafEntry("Jc", Encoded.NULL), entry("Je"));
        List<LeafEntry> other = List.of(entry("Jb"), entry("Jc"), entry("Jd"), entry("Je"), entry("Jf"));
        assertThat(TreeComparison.differences(one.iterator(), other.iterator(), 10))
                .containsExactly("Ja", "Jc", "Jd", "Jf");
        assertThat(TreeComparison.differences(other.iterator(), one.iterator(), 2))
                .containsExactly("Ja", "Jc");
        assertThat(TreeComparison.differences(one.iterator(), one.iterator(), 10))
                .isEmpty();
    }
}
