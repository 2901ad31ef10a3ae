package dev.livesync.car;

import static dev.livesync.car.Fixtures.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TreeNodesTest {
    private static final String CLOSED = "66636c6f736564" + "f4";
    private static final String ENTRY = "82" + "624a61" + "a0";
    private static final String LEAF = "a2" + "646c656166" + "81" + ENTRY + CLOSED;
    private static final Cid CHILD = Cid.hash(Cid.DAG_CBOR, new byte[0]);

    @Test
    void theUnchangedDigitsAreALeaf() {
        TreeNode.Leaf leaf = (TreeNode.Leaf) TreeNodes.decode(block(LEAF));
        assertThat(leaf.firstKey()).isEqualTo("Ja");
        assertThat(leaf.entries().get(0).value().value()).isEqualTo(Value.Mapping.EMPTY);
        assertThat(leaf.closed()).isFalse();
    }

    @Test
    void everyBreachIsRefusedWithItsReason() {
        bad(LEAF.replace("81" + ENTRY, "80"), "a tree node without entries");
        bad(LEAF.replace("81" + ENTRY, "82" + ENTRY + ENTRY), "tree keys do not ascend");
        bad(LEAF.replace("81" + ENTRY, "82" + "82624a6200" + ENTRY), "tree keys do not ascend");
        bad(LEAF.replace(ENTRY, "81" + "624a61"), "a tree entry is not an array of key and value");
        bad(LEAF.replace(ENTRY, "83" + "624a61" + "0000"), "a tree entry is not an array of key and value");
        bad(LEAF.replace(ENTRY, "f6"), "a tree entry is not an array");
        bad(LEAF.replace(ENTRY, "82" + "00" + "00"), "a tree key is not a string");
        bad(LEAF.replace(ENTRY, "82" + "624a61" + "f97e00"), "half-precision float");
        bad(LEAF.replace(CLOSED, "66636c6f736564" + "f6"), "closed is not a boolean");
        bad(LEAF.replace(CLOSED, "66636c6f736565" + "f4"), "the tree node lacks \"closed\" after its entries");
        bad(LEAF + "00", "1 bytes are left over after the value");
        bad(LEAF.replace("646c656166", "646c656167"), "not a tree node");
        bad("a1" + "646c656166" + "81" + ENTRY, "not a tree node");
        bad(LEAF.replace("81" + ENTRY, "f6"), "the node's entries is not an array");
        String branch = digits(
                TreeNodes.branch(1, List.of(new BranchEntry("Ja", CHILD)), true).block());
        assertThat(TreeNodes.decode(block(branch))).isInstanceOf(TreeNode.Branch.class);
        bad(branch.replace("82018182", "82f58182"), "the branch's distance is not an integer");
        bad(branch.replace("82018182", "81018182"), "the branch is not an array of distance and entries");
        bad(branch.replace("82018182624a61d82a", "82018182624a61d82b"), "tag 43");
    }

    private static void bad(String digits, String reason) {
        Block block = block(digits);
        assertThatThrownBy(() -> TreeNodes.decode(block))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED))
                .hasMessageStartingWith("block " + block.cid() + ": ")
                .hasMessageContaining(reason);
    }

    @Test
    void closedAndDistanceAreReadButNotInterpreted() {
        TreeNode.Branch branch = TreeNodes.branch(-7, List.of(new BranchEntry("Ja", CHILD)), true);
        TreeNode.Branch again = (TreeNode.Branch) TreeNodes.decode(branch.block());
        assertThat(again.distance()).isEqualTo(-7);
        assertThat(again.closed()).isTrue();
        assertThat(again.entries()).isEqualTo(branch.entries());
    }

    @Test
    void keysAscendByUtf16UnitsNotByBytes() {
        // U+FFFD sorts after a surrogate pair in UTF-16 and before it in UTF-8.
        List<LeafEntry> entries = List.of(
                new LeafEntry("J\ud83d\ude00", Encoded.of(Value.Mapping.EMPTY)),
                new LeafEntry("J\ufffd", Encoded.of(Value.Mapping.EMPTY)));
        assertThat(((TreeNode.Leaf)
                                TreeNodes.decode(TreeNodes.leaf(entries, false).block()))
                        .entries())
                .isEqualTo(entries);
        List<LeafEntry> reversed = List.of(entries.get(1), entries.get(0));
        assertThatThrownBy(() -> TreeNodes.leaf(reversed, false))
                .isInstanceOf(SyncException.class)
                .hasMessage("a tree node's keys ascend strictly");
        assertThatThrownBy(() -> TreeNodes.leaf(List.of(), false)).isInstanceOf(SyncException.class);
    }

    @Test
    void aDocumentOverTheDefaultLimitGetsItsLeafIfItsWriterTakesOne() {
        int size = 2 * Limits.DEFAULT.blockBytes();
        Limits wide = Limits.DEFAULT.toBuilder()
                .documentBytes(size)
                .blockBytes(size + 1_000)
                .build();
        Encoded document = Encoded.of(new Value.Mapping(Map.of("text", new Value.Text("x".repeat(size - 100)))), wide);
        LeafEntry entry = new LeafEntry("Ja", document);
        boolean closed = new Chunker().cuts(entry);
        TreeNode.Leaf leaf = TreeNodes.leaf(List.of(entry), closed);
        assertThat(TreeNodes.decode(leaf.block(), wide)).isEqualTo(leaf);
        assertThatThrownBy(() -> TreeNodes.decode(leaf.block()))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED));
    }

    @Test
    void sizesAreKnownBeforehandAcrossTheWidthsOfTheCount() {
        for (int count : new int[] {1, 23, 24, 255, 256, 300}) {
            List<LeafEntry> leaf = new ArrayList<>();
            List<BranchEntry> branch = new ArrayList<>();
            IntStream.range(0, count).forEach(i -> {
                String key = "J" + String.format("%04d", i) + "x".repeat(i % 40);
                leaf.add(new LeafEntry(key, Encoded.of(new Value.Int(i * 1000L))));
                branch.add(new BranchEntry(key, CHILD));
            });
            assertThat(TreeNodes.leafSize(
                            count,
                            leaf.stream().mapToLong(LeafEntry::encodedSize).sum()))
                    .isEqualTo(TreeNodes.leaf(leaf, true).block().size());
            assertThat(TreeNodes.branchSize(
                            count,
                            count,
                            branch.stream().mapToLong(BranchEntry::encodedSize).sum()))
                    .isEqualTo(TreeNodes.branch(count, branch, true).block().size());
        }
    }

    private static Block block(String digits) {
        return Block.of(Cid.DAG_CBOR, hex(digits));
    }

    private static String digits(Block block) {
        StringBuilder digits = new StringBuilder();
        for (byte b : block.toByteArray()) {
            digits.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return digits.toString();
    }
}
