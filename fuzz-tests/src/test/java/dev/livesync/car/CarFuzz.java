package dev.livesync.car;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** CIDs, dag-cbor, events, nodes, keys and CARs: what is read is written as it was. */
public final class CarFuzz {
    private static final Limits LIMITS = Limits.DEFAULT.toBuilder()
            .documentBytes(1_500)
            .blockBytes(2_000)
            .depth(20)
            .items(200)
            .parents(8)
            .headerBytes(500)
            .roots(8)
            .build();

    private static final Set<ErrorKind> DAMAGE = FuzzedReader.PEERS_FAULT;

    private CarFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(
                FuzzedReader.small("cid", DAMAGE, CarFuzz::cid, CarFuzz::cids),
                FuzzedReader.small("dag-cbor", DAMAGE, CarFuzz::cbor, CarFuzz::values),
                FuzzedReader.small("event", DAMAGE, CarFuzz::event, CarFuzz::events),
                FuzzedReader.small("tree-node", DAMAGE, CarFuzz::node, CarFuzz::nodes),
                FuzzedReader.small("key", Set.of(ErrorKind.INVALID_ARGUMENT), CarFuzz::key, CarFuzz::keys),
                FuzzedReader.small("car", DAMAGE, CarFuzz::car, CarFuzz::cars).allocating(400),
                FuzzedReader.small("car-v2", DAMAGE, CarFuzz::carV2, CarFuzz::carsV2)
                        .allocating(400));
    }

    private static void cid(byte[] input) {
        Choices choices = new Choices(input);
        if (choices.flag()) {
            String text = new String(choices.rest(), StandardCharsets.UTF_8);
            assertThat(Cid.parse(text)).hasToString(text);
            return;
        }
        byte[] bytes = choices.rest();
        Cid cid = Cid.fromBytes(bytes, 0);
        assertThat(cid.toByteArray()).isEqualTo(Arrays.copyOf(bytes, Cid.BYTES));
        assertThat(Cid.parse(cid.toString())).isEqualTo(cid);
    }

    private static List<byte[]> cids() {
        Cid cid = Cid.hash(Cid.DAG_CBOR, new byte[] {1});
        return List.of(
                Seeds.before(0, cid.toByteArray()),
                Seeds.before(1, cid.toString().getBytes(StandardCharsets.US_ASCII)));
    }

    private static void cbor(byte[] input) {
        Block block = Block.of(Cid.DAG_CBOR, input.clone());
        Value value;
        try {
            value = DagCbor.decode(input, LIMITS);
        } catch (SyncException e) {
            SyncException other = refusal(() -> DagCbor.validate(block, LIMITS));
            assertThat(other.kind()).isEqualTo(e.kind());
            throw e;
        }
        DagCbor.validate(block, LIMITS);
        assertThat(DagCbor.encode(value, LIMITS)).isEqualTo(input);
    }

    private static List<byte[]> values() {
        Map<String, Value> map = new LinkedHashMap<>();
        map.put("list", new Value.Sequence(List.of(new Value.Int(-5), new Value.Int(1L << 40), new Value.Real(0.5))));
        map.put("link", new Value.Link(Cid.hash(Cid.RAW, new byte[1])));
        map.put("text", new Value.Text("Zürich \ud83d\ude00"));
        map.put("bytes", new Value.Bytes(new byte[] {1, 2, 3}));
        map.put("none", Value.NULL);
        map.put("yes", new Value.Bool(true));
        return List.of(
                DagCbor.encode(new Value.Mapping(map)),
                DagCbor.encode(new Value.Sequence(List.of(new Value.Sequence(List.of())))),
                DagCbor.encode(new Value.Int(Long.MIN_VALUE)));
    }

    private static void event(byte[] input) {
        Block block = Block.of(Cid.DAG_CBOR, input.clone());
        Event event;
        try {
            event = Events.ofBytes(input.clone(), LIMITS);
        } catch (SyncException e) {
            assertThat(refusal(() -> Events.decode(block, LIMITS)).kind()).isEqualTo(e.kind());
            throw e;
        }
        assertThat(Events.tryDecode(block, LIMITS))
                .hasValueSatisfying(e -> assertThat(e.block()).isEqualTo(block));
        Events.Outline outline = Events.outline(block);
        assertThat(outline.type()).isEqualTo(event.type());
        assertThat(outline.hasRoot()).isEqualTo(event.root() != null);
        Event again = Events.encode(
                event.type(), event.key(), Events.encodedValue(event), event.root(), event.parents(), LIMITS);
        assertThat(again.block().toByteArray()).isEqualTo(input);
        Events.encode(event.type(), event.key(), Encoded.of(event.value()), event.root(), event.parents(), LIMITS);
        Keys.toId(event.key());
    }

    private static List<byte[]> events() {
        Event first = Events.put("Jone", Encoded.of(new Value.Mapping(Map.of("n", new Value.Int(1)))), null, List.of());
        Event second = Events.put(
                "Jtwo",
                Encoded.of(new Value.Mapping(Map.of("t", new Value.Text("x"), "l", new Value.Sequence(List.of())))),
                Cid.hash(Cid.DAG_CBOR, new byte[1]),
                List.of(first.block().cid(), Cid.hash(Cid.DAG_CBOR, new byte[2])));
        Event third =
                Events.delete("J\u0001\u0001", null, List.of(second.block().cid()));
        return List.of(
                first.block().toByteArray(),
                second.block().toByteArray(),
                third.block().toByteArray());
    }

    private static void node(byte[] input) {
        Block block = Block.of(Cid.DAG_CBOR, input.clone());
        TreeNode node = TreeNodes.decode(block, LIMITS);
        assertThat(TreeNodes.looksLikeNode(block)).isTrue();
        assertThat(TreeNodes.endsClosed(block)).isEqualTo(node.closed());
        TreeNode buffered = new TreeNodes.Decoder(LIMITS).decode(block);
        assertThat(buffered.cid()).isEqualTo(node.cid());
        TreeNode again = node instanceof TreeNode.Leaf leaf
                ? TreeNodes.leaf(leaf.entries(), leaf.closed())
                : branch((TreeNode.Branch) node);
        assertThat(again.block().toByteArray()).isEqualTo(input);
    }

    private static TreeNode branch(TreeNode.Branch branch) {
        return TreeNodes.branch(branch.distance(), branch.entries(), branch.closed());
    }

    private static List<byte[]> nodes() {
        Encoded value = Encoded.of(new Value.Mapping(Map.of("n", new Value.Int(1))));
        TreeNode.Leaf leaf =
                TreeNodes.leaf(List.of(new TreeNode.LeafEntry("Ja", value), new TreeNode.LeafEntry("Jb", value)), true);
        TreeNode.Branch branch = TreeNodes.branch(
                1,
                List.of(new TreeNode.BranchEntry("Ja", leaf.cid()), new TreeNode.BranchEntry("Jc", leaf.cid())),
                false);
        return List.of(leaf.block().toByteArray(), branch.block().toByteArray());
    }

    private static void key(byte[] input) {
        Choices choices = new Choices(input);
        if (choices.flag()) {
            String id = new String(choices.rest(), StandardCharsets.UTF_8);
            assertThat(Keys.toId(Keys.ofId(id))).isEqualTo(id);
            return;
        }
        String key = new String(choices.rest(), StandardCharsets.UTF_8);
        String id = Keys.toId(key);
        if (!key.equals(Keys.RESERVED)) {
            // Not every text with a J is what an id becomes: a single U+0001 is, two are, three may be read in two
            // ways.
            assertThat(Keys.isKey(key)).isTrue();
            try {
                assertThat(Keys.toId(Keys.ofId(id))).isEqualTo(id);
            } catch (SyncException e) {
                assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT);
            }
        }
    }

    private static List<byte[]> keys() {
        return List.of(
                Seeds.of(1, "plain"),
                Seeds.of(1, "a\u0000b\u0001c"),
                Seeds.of(0, "Ja\u0001b"),
                Seeds.of(0, "J\u0001\u0001"));
    }

    private static final class Collected implements CarDecoder.Handler {
        private List<Cid> roots;
        private final List<Block> blocks = new ArrayList<>();

        @Override
        public void roots(List<Cid> cids) {
            roots = cids;
        }

        @Override
        public void block(Block block) {
            blocks.add(block);
        }
    }

    /** In one piece and in several: the same blocks, the same end. */
    private static void car(byte[] input) throws IOException {
        Choices choices = new Choices(input);
        int[] sizes = {1 + choices.octet(), 1 + choices.octet()};
        byte[] car = choices.rest();
        Collected pieces = new Collected();
        SyncException broken = null;
        CarDecoder decoder = new CarDecoder(pieces, LIMITS);
        try {
            int turn = 0;
            for (int at = 0; at < car.length; ) {
                int n = Math.min(sizes[turn++ & 1], car.length - at);
                decoder.feed(car, at, n);
                at += n;
            }
            decoder.finish();
        } catch (SyncException e) {
            broken = e;
        }
        Collected whole = new Collected();
        SyncException expected = null;
        try {
            CarReader reader = new CarReader(new ByteArrayInputStream(car), LIMITS);
            whole.roots = reader.roots();
            for (Block block = reader.next(); block != null; block = reader.next()) {
                whole.blocks.add(block);
            }
        } catch (SyncException e) {
            expected = e;
        }
        assertThat(pieces.blocks).isEqualTo(whole.blocks);
        assertThat(broken == null).isEqualTo(expected == null);
        if (broken != null) {
            assertThat(broken.kind()).isEqualTo(expected.kind());
            throw broken;
        }
        assertThat(pieces.roots).isEqualTo(whole.roots);
        assertThat(CarWriter.encode(pieces.roots, pieces.blocks)).isEqualTo(car);
        assertThat(decoder.blocks()).isEqualTo(pieces.blocks.size());
        assertThat(decoder.bytes()).isEqualTo(car.length);
        CarSeal seal = new CarSeal();
        for (int i = 0; i + 1 < pieces.blocks.size(); i++) {
            seal.add(pieces.blocks.get(i).cid());
        }
        if (!pieces.blocks.isEmpty()) {
            Block last = pieces.blocks.get(pieces.blocks.size() - 1);
            assertThat(seal.isSealedBy(last)).isEqualTo(seal.block().equals(last));
        }
    }

    /** A CAR, sealed as a backup is. */
    static byte[] sealed() {
        CarSeal seal = new CarSeal();
        List<Block> blocks = new ArrayList<>();
        List<Cid> roots = new ArrayList<>();
        for (byte[] bytes : events()) {
            Block block = Block.of(Cid.DAG_CBOR, bytes);
            blocks.add(block);
            seal.add(block.cid());
            roots.add(block.cid());
        }
        blocks.add(seal.block());
        return CarWriter.encode(roots.subList(2, 3), blocks);
    }

    private static List<byte[]> cars() {
        return List.of(
                Seeds.of(6, 40, new String(sealed(), StandardCharsets.ISO_8859_1)),
                Seeds.of(0, 0, new String(CarWriter.encode(List.of(), List.of()), StandardCharsets.ISO_8859_1)));
    }

    private static void carV2(byte[] input) throws IOException {
        byte[] inner = CarV2.inner(new ByteArrayInputStream(input)).readAllBytes();
        assertThat(CarV2.startsWith(input)).isTrue();
        assertThat(inner.length).isLessThan(input.length);
    }

    private static List<byte[]> carsV2() {
        byte[] pragma = {0x0a, (byte) 0xa1, 0x67, 'v', 'e', 'r', 's', 'i', 'o', 'n', 2};
        byte[] inner = CarWriter.encode(List.of(), List.of());
        byte[] input = Arrays.copyOf(pragma, 51 + inner.length);
        input[11 + 16] = 51;
        input[11 + 24] = (byte) inner.length;
        System.arraycopy(inner, 0, input, 51, inner.length);
        return List.of(input);
    }

    private static SyncException refusal(Runnable reading) {
        try {
            reading.run();
        } catch (SyncException e) {
            return e;
        }
        throw new AssertionError("refused once, and taken another time");
    }
}
