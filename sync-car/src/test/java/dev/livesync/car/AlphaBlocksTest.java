package dev.livesync.car;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every block that the alpha was recorded with: read as its dump says, written again byte for byte. */
class AlphaBlocksTest {
    @ParameterizedTest
    @MethodSource("dev.livesync.car.Fixtures#dumpedCars")
    void valuesEqualTheDumpAndEncodeToTheSameBytes(String name) {
        List<Block> blocks = Fixtures.blocks(name);
        JsonNode dump = Fixtures.dump(name).get("blocks");
        assertThat(blocks).hasSize(dump.size()).isNotEmpty();
        for (int i = 0; i < blocks.size(); i++) {
            Block block = blocks.get(i);
            JsonNode expected = dump.get(i);
            assertThat(block.cid().toString()).isEqualTo(expected.get("cid").textValue());
            Value value = DagCbor.decode(block, Limits.DEFAULT);
            assertThat(ValueJson.of(value)).isEqualTo(expected.get("value"));
            assertThat(DagCbor.encode(value)).isEqualTo(block.toByteArray());
            String kind = expected.get("kind").textValue();
            assertThat(Events.looksLikeEvent(block)).isEqualTo(kind.equals("event"));
            assertThat(Events.tryDecode(block, Limits.DEFAULT).isPresent()).isEqualTo(kind.equals("event"));
            assertThat(TreeNodes.looksLikeNode(block)).isEqualTo(kind.equals("leaf") || kind.equals("branch"));
        }
    }

    @Test
    void eventsEncodeToTheSameBytes() {
        List<Event> events = Fixtures.allBlocks()
                .filter(Events::looksLikeEvent)
                .map(Events::decode)
                .toList();
        assertThat(events).hasSizeGreaterThan(200);
        for (Event event : events) {
            Value.Mapping whole = (Value.Mapping) DagCbor.decode(event.block(), Limits.DEFAULT);
            Map<String, Value> data = ((Value.Mapping) whole.entries().get("data")).entries();
            assertThat(new Value.Text(event.key())).isEqualTo(data.get("key"));
            assertThat(event.root() == null ? Value.NULL : new Value.Link(event.root()))
                    .isEqualTo(data.get("root"));
            assertThat(event.value()).isEqualTo(data.get("value"));
            assertThat(new Value.Sequence(links(event.parents())))
                    .isEqualTo(whole.entries().get("parents"));

            Event again = Events.encode(
                    event.type(),
                    event.key(),
                    Encoded.of(event.value()),
                    event.root(),
                    event.parents(),
                    Limits.DEFAULT);
            assertThat(again.block().toByteArray()).isEqualTo(event.block().toByteArray());
            assertThat(again).isEqualTo(event);
            assertThat(again.value()).isEqualTo(event.value());
            assertThat(Events.encodedValue(again)).isEqualTo(Events.encodedValue(event));
        }
    }

    /** One recording has no dump; its blocks are read and written all the same. */
    @Test
    void everyRecordedBlockIsCanonical() {
        assertThat(Fixtures.allBlocks())
                .hasSizeGreaterThan(200)
                .allSatisfy(block -> assertThat(DagCbor.encode(DagCbor.decode(block, Limits.DEFAULT)))
                        .isEqualTo(block.toByteArray()));
    }

    private static List<Value> links(List<Cid> cids) {
        return cids.stream().<Value>map(Value.Link::new).toList();
    }

    @Test
    void treeNodesEncodeToTheSameBytes() {
        List<TreeNode> nodes = Fixtures.allBlocks()
                .filter(TreeNodes::looksLikeNode)
                .map(TreeNodes::decode)
                .toList();
        assertThat(nodes).hasSizeGreaterThan(10).hasAtLeastOneElementOfType(TreeNode.Branch.class);
        for (TreeNode node : nodes) {
            TreeNode again;
            if (node instanceof TreeNode.Leaf leaf) {
                again = TreeNodes.leaf(leaf.entries(), leaf.closed());
                long bytes = leaf.entries().stream()
                        .mapToLong(LeafEntry::encodedSize)
                        .sum();
                assertThat(TreeNodes.leafSize(leaf.entries().size(), bytes))
                        .isEqualTo(leaf.block().size());
            } else {
                TreeNode.Branch branch = (TreeNode.Branch) node;
                again = TreeNodes.branch(branch.distance(), branch.entries(), branch.closed());
                long bytes = branch.entries().stream()
                        .mapToLong(BranchEntry::encodedSize)
                        .sum();
                assertThat(TreeNodes.branchSize(
                                branch.distance(), branch.entries().size(), bytes))
                        .isEqualTo(branch.block().size());
            }
            assertThat(again.block().toByteArray()).isEqualTo(node.block().toByteArray());
            assertThat(again).isEqualTo(node);
        }
    }

    /** The alpha's leaves end where the chunker says, and nowhere else. */
    @Test
    void theChunkerCutsWhereTheAlphaCut() {
        Chunker chunker = new Chunker();
        int cuts = 0;
        for (Block block : Fixtures.blocks("i-100-docs-03-A")) {
            if (!TreeNodes.looksLikeNode(block)) {
                continue;
            }
            TreeNode node = TreeNodes.decode(block);
            if (node instanceof TreeNode.Leaf leaf) {
                for (int i = 0; i < leaf.entries().size(); i++) {
                    boolean last = i == leaf.entries().size() - 1;
                    assertThat(chunker.cuts(leaf.entries().get(i))).isEqualTo(last && leaf.closed());
                }
            } else {
                TreeNode.Branch branch = (TreeNode.Branch) node;
                for (int i = 0; i < branch.entries().size(); i++) {
                    boolean last = i == branch.entries().size() - 1;
                    assertThat(chunker.cuts(branch.entries().get(i))).isEqualTo(last && branch.closed());
                }
            }
            cuts += node.closed() ? 1 : 0;
        }
        assertThat(cuts).isGreaterThan(3);
    }
}
