package dev.livesync.database.pieces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.DagCbor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PieceTreeTest {
    private final Map<Cid, Block> blocks = new HashMap<>();

    private PieceLink build(InputStream in) throws IOException {
        return new PieceTreeBuilder(block -> blocks.put(block.cid(), block)).build(in);
    }

    private PieceStream open(PieceLink root) {
        return new PieceStream(blocks::get, root);
    }

    private static void refused(ErrorKind kind, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    /** A stream that gives what it likes, as those of networks do. */
    private static InputStream halting(byte[] content, Random random) {
        return new ByteArrayInputStream(content) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1 + random.nextInt(40_000)));
            }
        };
    }

    @Test
    void theRootIsTheDefinitionsAndTheContentComesBack() throws IOException {
        int least = GearChunker.LEAST;
        int most = GearChunker.MOST;
        int[] lengths = {0, 1, least - 1, least, least + 1, most - 1, most, most + 1, 1_000_000, 3_000_000};
        for (int length : lengths) {
            byte[] content = GearChunkerTest.content(length, length);
            PieceLink root = build(halting(content, new Random(length)));
            assertThat(root).as("%d bytes", length).isEqualTo(NaivePieces.root(content));
            assertThat(root.size()).isEqualTo(length);
            assertThat(open(root).readAllBytes()).isEqualTo(content);
        }
    }

    @Test
    void treesOfManyLevelsAreTheDefinitionsToo() {
        for (int count : new int[] {2, 15, 16, 17, 1_024, 1_025, 30_000}) {
            Random random = new Random(count);
            List<PieceLink> pieces = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Cid cid = Cid.ofDigest(Cid.RAW, random.nextLong(), 1, 2, random.nextLong());
                pieces.add(new PieceLink(cid, 1 + random.nextInt(GearChunker.MOST)));
            }
            PieceTreeBuilder builder = new PieceTreeBuilder(block -> blocks.put(block.cid(), block));
            pieces.forEach(builder::add);
            PieceLink root = builder.finish();
            assertThat(root).as("%d pieces", count).isEqualTo(NaivePieces.root(pieces));
            assertThat(leaves(root.cid())).isEqualTo(pieces);
            assertThat(blocks.values()).allMatch(block -> block.size() <= PieceNode.MOST_BYTES);
        }
    }

    private List<PieceLink> leaves(Cid cid) {
        PieceNode node = PieceNode.decode(blocks.get(cid));
        List<PieceLink> leaves = new ArrayList<>();
        for (PieceLink link : node.links()) {
            if (node.height() == 1) {
                leaves.add(link);
            } else {
                leaves.addAll(leaves(link.cid()));
            }
        }
        return leaves;
    }

    /** Equal pieces are one block, whatever content they are part of. */
    @Test
    void aThousandTimesTheSameIsFewBlocks() throws IOException {
        byte[] megabyte = new byte[1 << 20];
        Arrays.fill(megabyte, (byte) 7);
        InputStream in = InputStream.nullInputStream();
        for (int i = 0; i < 64; i++) {
            in = new java.io.SequenceInputStream(in, new ByteArrayInputStream(megabyte));
        }
        PieceLink root = build(in);
        assertThat(root.size()).isEqualTo(64L << 20);
        assertThat(blocks).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void skippingReadsNoBlockThatIsPassedOver() throws IOException {
        byte[] content = GearChunkerTest.content(5, 5_000_000);
        PieceLink root = build(new ByteArrayInputStream(content));
        Random random = new Random(5);
        for (int round = 0; round < 50; round++) {
            List<Cid> read = new ArrayList<>();
            PieceStream stream = new PieceStream(
                    cid -> {
                        read.add(cid);
                        return blocks.get(cid);
                    },
                    root);
            int at = 0;
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            ByteArrayOutputStream actual = new ByteArrayOutputStream();
            while (at < content.length) {
                int skipped = random.nextInt(2_000_000);
                assertThat(stream.skip(skipped)).isEqualTo(Math.min(skipped, content.length - at));
                at = Math.min(content.length, at + skipped);
                int wanted = Math.min(random.nextInt(5_000), content.length - at);
                expected.write(content, at, wanted);
                actual.write(stream.readNBytes(wanted));
                at += wanted;
            }
            assertThat(stream.read()).isEqualTo(-1);
            assertThat(actual.toByteArray()).as("round %d", round).isEqualTo(expected.toByteArray());
            assertThat(read).hasSizeLessThan(GearChunkerTest.cut(content).size() / 2);
        }
    }

    private Block node(Object height, Value pairs) {
        Value stated = height instanceof Integer i ? new Value.Int(i) : new Value.Text("1");
        byte[] bytes = DagCbor.encode(new Value.Mapping(Map.of("height", stated, "pieces", pairs)));
        return Block.of(Cid.DAG_CBOR, bytes);
    }

    private static Value pair(Cid cid, long size) {
        return new Value.Sequence(List.of(new Value.Link(cid), new Value.Int(size)));
    }

    private static Value pairs(Value... pairs) {
        return new Value.Sequence(List.of(pairs));
    }

    @Test
    void whatIsNoNodeIsRefused() {
        Cid raw = Cid.hash(Cid.RAW, new byte[1]);
        Cid cbor = Cid.hash(Cid.DAG_CBOR, new byte[1]);
        List<Block> bad = List.of(
                node(0, pairs(pair(raw, 1))),
                node(9, pairs(pair(cbor, 1))),
                node("1", pairs(pair(raw, 1))),
                node(1, pairs()),
                node(1, pairs(pair(cbor, 1))),
                node(2, pairs(pair(raw, 1))),
                node(1, pairs(pair(raw, 0))),
                node(1, pairs(pair(raw, -1))),
                node(1, pairs(pair(raw, GearChunker.MOST + 1))),
                node(2, pairs(pair(cbor, PieceNode.MOST_CONTENT + 1))),
                node(1, pairs(new Value.Link(raw))),
                node(1, new Value.Text("pieces")),
                Block.of(Cid.DAG_CBOR, DagCbor.encode(new Value.Text("node"))),
                Block.of(Cid.DAG_CBOR, new byte[] {(byte) 0xff}));
        for (Block block : bad) {
            refused(ErrorKind.MALFORMED, () -> PieceNode.decode(block));
            assertThat(PieceNode.tryDecode(block)).isEmpty();
        }
        Value[] many = new Value[PieceNode.MOST_LINKS + 1];
        Arrays.fill(many, pair(raw, 1));
        refused(ErrorKind.MALFORMED, () -> PieceNode.decode(node(1, pairs(many))));
        refused(
                ErrorKind.LIMIT_EXCEEDED,
                () -> PieceNode.decode(
                        node(2, pairs(pair(cbor, PieceNode.MOST_CONTENT), pair(cbor, PieceNode.MOST_CONTENT)))));
        refused(ErrorKind.LIMIT_EXCEEDED, () -> PieceNode.decode(Block.of(Cid.DAG_CBOR, new byte[70_000])));
        assertThat(PieceNode.decode(node(1, pairs(pair(raw, 1)))).size()).isEqualTo(1);
    }

    @Test
    void whoNamesAnotherSizeOrHeightIsRefused() throws IOException {
        byte[] content = GearChunkerTest.content(9, 1_000_000);
        PieceLink root = build(new ByteArrayInputStream(content));
        refused(
                ErrorKind.MALFORMED,
                () -> open(new PieceLink(root.cid(), 999_999)).read());
        Block piece = Block.of(Cid.RAW, new byte[10]);
        blocks.put(piece.cid(), piece);
        refused(ErrorKind.MALFORMED, () -> open(new PieceLink(piece.cid(), 11)).read());
        Block above = node(3, pairs(pair(root.cid(), 1_000_000)));
        blocks.put(above.cid(), above);
        refused(
                ErrorKind.MALFORMED,
                () -> open(new PieceLink(above.cid(), 1_000_000)).read());
    }
}
