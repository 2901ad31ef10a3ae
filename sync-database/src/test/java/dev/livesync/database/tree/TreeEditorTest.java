package dev.livesync.database.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.Chunker;
import dev.livesync.car.Encoded;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.car.TreeNodes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Edited trees, built trees and the definition: always the same tree. */
class TreeEditorTest {
    private final Nodes nodes = new Nodes();
    private final TreeEditor editor = new TreeEditor(nodes);

    private static Encoded value(int n) {
        return Encoded.of(new Value.Mapping(Map.of("n", new Value.Int(n))));
    }

    private static Encoded text(int length, int n) {
        return Encoded.of(new Value.Text(n + "-".repeat(length)));
    }

    @Test
    void editingEqualsBuildingEqualsTheDefinition() {
        for (int seed = 0; seed < 1_000; seed++) {
            editSequence(seed, 8);
        }
    }

    @Test
    @Tag("soak")
    void editingEqualsBuildingForTenThousandSequences() {
        for (int seed = 1_000_000; seed < 1_010_000; seed++) {
            editSequence(seed, 15);
        }
    }

    private static void editSequence(int seed, int edits) {
        Random random = new Random(seed);
        Nodes nodes = new Nodes();
        TreeEditor editor = new TreeEditor(nodes);
        TreeMap<String, Encoded> entries = new TreeMap<>();
        int space = 1 << 1 + random.nextInt(9);
        // Now and then documents of which few or none fit into a node.
        int large = space < 64 && random.nextInt(4) == 0 ? 1 + random.nextInt(70_000) : 0;
        NaiveTree tree = new NaiveTree(entries);
        try {
            for (int i = 0; i < edits; i++) {
                SortedMap<String, Optional<Encoded>> changes = new TreeMap<>();
                int count = i == 0 || random.nextInt(4) == 0 ? random.nextInt(space) : 1 + random.nextInt(3);
                boolean emptying = random.nextInt(12) == 0;
                for (int c = 0; c < count; c++) {
                    int size = large > 0 && random.nextInt(3) > 0 ? random.nextInt(large) : random.nextInt(30);
                    String key = "J" + random.nextInt(space);
                    boolean remove = emptying || i > 0 && random.nextInt(3) == 0;
                    changes.put(key, remove ? Optional.empty() : Optional.of(text(size, random.nextInt())));
                }
                if (emptying) {
                    entries.keySet().stream().skip(random.nextInt(3)).forEach(k -> changes.put(k, Optional.empty()));
                }
                tree = editOnce(nodes, editor, tree, entries, changes);
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    /** Edits tree and map alike and judges the result. */
    private static NaiveTree editOnce(
            Nodes nodes,
            TreeEditor editor,
            NaiveTree before,
            SortedMap<String, Encoded> entries,
            SortedMap<String, Optional<Encoded>> changes) {
        TreeEdit edit = editor.edit(before.root(), changes);
        changes.forEach((key, value) -> value.ifPresentOrElse(v -> entries.put(key, v), () -> entries.remove(key)));
        NaiveTree after = new NaiveTree(entries);
        assertThat(edit.root()).isEqualTo(after.root());
        Set<Cid> fresh = new LinkedHashSet<>(after.inOrderOfWriting());
        fresh.removeAll(before.inOrderOfWriting());
        assertThat(edit.nodes()).extracting(Block::cid).containsExactlyElementsOf(fresh);
        edit.nodes().forEach(nodes::add);

        List<TreeNode> built = new ArrayList<>();
        assertThat(TreeBuilder.build(leafEntries(entries).iterator(), built::add))
                .isEqualTo(after.root());
        assertThat(built).extracting(TreeNode::cid).containsExactlyInAnyOrderElementsOf(after.inOrderOfWriting());
        Set<Cid> seen = new HashSet<>();
        for (TreeNode node : built) {
            if (node instanceof TreeNode.Branch b) {
                b.entries()
                        .forEach(e -> assertThat(seen).as("children come first").contains(e.child()));
            }
            seen.add(node.cid());
        }

        List<LeafEntry> walked = new ArrayList<>();
        new TreeWalk(nodes, edit.root(), 100_000).forEachRemaining(walked::add);
        assertThat(walked).isEqualTo(leafEntries(entries));
        return after;
    }

    private static List<LeafEntry> leafEntries(SortedMap<String, Encoded> entries) {
        List<LeafEntry> result = new ArrayList<>();
        entries.forEach((key, value) -> result.add(new LeafEntry(key, value)));
        return result;
    }

    @Test
    void nothingHasNoRoot() {
        assertThat(editor.edit(null, new TreeMap<>())).isEqualTo(new TreeEdit(null, List.of()));
        assertThat(editor.edit(null, new TreeMap<>(Map.of("Ja", Optional.empty()))))
                .isEqualTo(new TreeEdit(null, List.of()));
        assertThat(TreeBuilder.build(List.<LeafEntry>of().iterator(), n -> {})).isNull();
        assertThat(new TreeWalk(nodes, null, 0).hasNext()).isFalse();

        TreeEdit one = editor.edit(null, new TreeMap<>(Map.of("Ja", Optional.of(value(1)))));
        one.nodes().forEach(nodes::add);
        assertThat(editor.edit(one.root(), new TreeMap<>(Map.of("Ja", Optional.empty()))))
                .isEqualTo(new TreeEdit(null, List.of()));
    }

    @Test
    void whatChangesNothingWritesNothing() {
        TreeMap<String, Encoded> entries = new TreeMap<>();
        for (int i = 0; i < 500; i++) {
            entries.put("J" + i, value(i));
        }
        Cid root = TreeBuilder.build(leafEntries(entries).iterator(), nodes::add);
        SortedMap<String, Optional<Encoded>> same = new TreeMap<>();
        same.put("J250", Optional.of(value(250)));
        same.put("Jnone", Optional.empty());
        assertThat(editor.edit(root, same)).isEqualTo(new TreeEdit(root, List.of()));
        assertThat(editor.edit(root, new TreeMap<>())).isEqualTo(new TreeEdit(root, List.of()));
    }

    @Test
    void anEditReadsAndWritesOnlyThePathToTheChange() {
        TreeMap<String, Encoded> entries = new TreeMap<>();
        for (int i = 0; i < 20_000; i++) {
            entries.put(String.format("J%05d", i), value(i));
        }
        Cid root = TreeBuilder.build(leafEntries(entries).iterator(), nodes::add);
        int height = (int) ((TreeNode.Branch) nodes.read(root)).distance();
        nodes.reads = 0;
        int written = 0;
        for (int i = 0; i < 100; i++) {
            SortedMap<String, Optional<Encoded>> change = new TreeMap<>();
            change.put(String.format("J%05d", 199 * i), Optional.of(value(-i)));
            written += editor.edit(root, change).nodes().size();
        }
        assertThat(nodes.reads).isLessThan(100 * (2 * height + 2));
        assertThat(written).isLessThan(100 * (height + 2));
    }

    @Test
    void largeDocumentsInARowAreCutAndAnEditTouchesTheNextFewNodesAtMost() {
        TreeMap<String, Encoded> entries = new TreeMap<>();
        // None of them cuts, so no boundary but those by size.
        for (int i = 0, n = 0; i < 200; n++) {
            LeafEntry entry = new LeafEntry(String.format("J%05d", i), text(20_000, n));
            if (!new Chunker().cuts(entry)) {
                entries.put(entry.key(), entry.value());
                i++;
            }
        }
        List<TreeNode> built = new ArrayList<>();
        Cid root = TreeBuilder.build(leafEntries(entries).iterator(), built::add);
        assertThat(built).allSatisfy(node -> assertThat(node.block().size()).isLessThanOrEqualTo(NodeMaker.MAX_NODE));
        List<TreeNode> leaves =
                built.stream().filter(n -> n instanceof TreeNode.Leaf).toList();
        assertThat(leaves).hasSize(67).noneMatch(TreeNode::closed);
        built.forEach(nodes::add);
        nodes.reads = 0;
        SortedMap<String, Optional<Encoded>> change = new TreeMap<>();
        change.put("J00100", Optional.of(text(19_990, 7)));
        assertThat(new Chunker().cuts(new LeafEntry("J00100", text(19_990, 7)))).isFalse();
        TreeEdit edit = editor.edit(root, change);
        assertThat(edit.nodes()).hasSizeLessThan(6);
        assertThat(nodes.reads).isLessThan(10);
    }

    @Test
    void aNodeOfOneEntryMayBeAsLargeAsItsDocument() {
        TreeMap<String, Encoded> entries = new TreeMap<>();
        entries.put("Ja", value(1));
        entries.put("Jb", text(200_000, 0));
        entries.put("Jc", value(2));
        List<TreeNode> built = new ArrayList<>();
        TreeBuilder.build(leafEntries(entries).iterator(), built::add);
        assertThat(built).hasSize(4);
        assertThat(((TreeNode.Leaf) built.get(1)).entries()).hasSize(1);
        assertThat(built.get(1).block().size()).isGreaterThan(200_000);
    }

    @Test
    void keysLongerThanANodeStillMakeATree() {
        TreeMap<String, Encoded> entries = new TreeMap<>();
        for (int i = 0; i < 40; i++) {
            entries.put("J" + "k".repeat(70_000) + i, value(i));
        }
        List<TreeNode> built = new ArrayList<>();
        Cid root = TreeBuilder.build(leafEntries(entries).iterator(), built::add);
        assertThat(root).isEqualTo(new NaiveTree(entries).root());
        built.forEach(nodes::add);
        List<LeafEntry> walked = new ArrayList<>();
        new TreeWalk(nodes, root, 1_000).forEachRemaining(walked::add);
        assertThat(walked).isEqualTo(leafEntries(entries));
    }

    @Test
    void onlyCanonicalTreesAreEdited() {
        TreeNode leaf = TreeNodes.leaf(List.of(new LeafEntry("Ja", value(1))), false);
        TreeNode.BranchEntry down = new TreeNode.BranchEntry("Ja", leaf.cid());
        TreeNode odd = TreeNodes.branch(7, List.of(down), false);
        TreeNode flat = TreeNodes.branch(0, List.of(down), false);
        nodes.add(leaf);
        nodes.add(odd);
        nodes.add(flat);
        SortedMap<String, Optional<Encoded>> change = new TreeMap<>(Map.of("Jb", Optional.of(value(2))));
        for (TreeNode root : List.of(odd, flat)) {
            assertThatThrownBy(() -> editor.edit(root.cid(), change))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INTERNAL))
                    .hasMessageContaining("not of a canonical tree");
        }
    }

    @Test
    void entriesHaveToAscend() {
        TreeBuilder builder = new TreeBuilder(n -> {});
        builder.add(new LeafEntry("Jb", value(1)));
        assertThatThrownBy(() -> builder.add(new LeafEntry("Jb", value(2))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> editor.edit(null, new TreeMap<>(Comparator.reverseOrder())))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
