package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Value;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.BlockRequests;
import dev.livesync.api.transport.Message;
import dev.livesync.car.DagCbor;
import dev.livesync.core.message.Feature;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.grant.Rights;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Blocks beside the events, between sessions that are run by hand. */
class BlockTransferTest {
    private static final Set<Feature> FEATURES = EnumSet.range(Feature.HELLO, Feature.NATIVE);

    static {
        FEATURES.add(Feature.BLOCKS);
    }

    private static final int MESSAGE = 100_000; // so that the longest blocks come in pieces

    /** A database that says which blocks it gave away, and complains of one that the reader had. */
    private static final class Source implements BlockExchange {
        private final BlockExchange real;
        private final EmbeddedDb reader;
        final List<Cid> given = new ArrayList<>();

        Source(EmbeddedDb real, EmbeddedDb reader) {
            this.real = real.blocks().orElseThrow();
            this.reader = reader;
        }

        @Override
        public @Nullable Block block(Cid cid) {
            assertThat(reader.blocks().orElseThrow().has(cid))
                    .as("the reader has %s", cid)
                    .isFalse();
            Block block = real.block(cid);
            if (block != null) {
                given.add(cid);
            }
            return block;
        }

        @Override
        public boolean has(Cid cid) {
            return real.has(cid);
        }

        @Override
        public BlockRequests requests(Runnable wakeUp) {
            return real.requests(wakeUp);
        }
    }

    private static final Logger LOGGER = Logger.getLogger("dev.livesync.database");

    @BeforeAll
    static void keepQuiet() {
        LOGGER.setLevel(Level.OFF); // bombs are warned of
    }

    @AfterAll
    static void speakAgain() {
        LOGGER.setLevel(null);
    }

    private final List<EmbeddedDb> databases = new ArrayList<>();

    private final EmbeddedDb left = opened(new EmbeddedDb());
    private final EmbeddedDb right = opened(new EmbeddedDb());

    private EmbeddedDb opened(EmbeddedDb db) {
        databases.add(db);
        return db;
    }

    @AfterEach
    void closeAll() {
        databases.forEach(db -> db.database().close());
    }

    private static byte[] content(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static Attachment put(EmbeddedDb db, String id, byte[] content) {
        try {
            Attachment photo = db.database().attachments().put(new ByteArrayInputStream(content), "image/jpeg");
            db.database().put(id, Map.of("photo", photo.stub()));
            return photo;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] read(EmbeddedDb db, Attachment attachment) throws IOException {
        return db.database().attachments().open(attachment).readAllBytes();
    }

    private static SessionPair pair(EmbeddedDb a, EmbeddedDb b) {
        return new SessionPair(a, b, FEATURES, ProtocolLimits.DEFAULT, MESSAGE);
    }

    /** Exchanges the documents, and then everything that they name; the reader is b. */
    private static SessionPair run(SessionPair pair) {
        pair.run();
        pair.b.protocol.fetchWithDocuments(true, pair.b.now);
        return pair.run();
    }

    private static int types(List<Message> messages, int type) {
        return (int)
                messages.stream().filter(m -> (m.payload()[0] & 0xff) == type).count();
    }

    @Test
    void whatDocumentsNameComesOnce() throws IOException {
        byte[] content = content(1, 3_000_000);
        Attachment photo = put(left, "a", content);
        put(left, "b", content);
        Attachment empty = put(left, "c", new byte[0]);
        Source source = new Source(left, right);
        left.serve(source);
        SessionPair pair = run(pair(left, right));
        pair.assertEqual();
        assertThat(read(right, photo)).isEqualTo(content);
        assertThat(right.database().attachments().missing(empty)).isZero();
        assertThat(source.given).doesNotHaveDuplicates().hasSizeGreaterThan(30);
        assertThat(pair.a.protocol.statistics().blocksSent()).isGreaterThanOrEqualTo(source.given.size());
    }

    @Test
    void withoutBeingAskedNothingComes() {
        put(left, "a", content(1, 500_000));
        SessionPair pair = pair(left, right).run();
        pair.assertEqual();
        assertThat(right.database().attachments().bytes()).isZero();
        assertThat(types(pair.fromB, 0x30)).isZero();
    }

    /** Cut at 100 places; what is stored by then is never given again. */
    @Test
    void cutAtAHundredPlacesNothingThatIsStoredComesAgain() throws IOException {
        Random random = new Random(1);
        byte[] content = content(2, 24_000_000);
        Attachment photo = put(left, "a", content);
        Source source = new Source(left, right);
        left.serve(source);
        pair(left, right).run();
        int cuts = 0;
        while (right.database().attachments().missing(photo) > 0) {
            SessionPair pair = pair(left, right).steps(1);
            pair.b.protocol.fetchWithDocuments(true, pair.b.now);
            pair.steps(3 + random.nextInt(cuts < 100 ? 7 : 10_000));
            long before = right.database().attachments().missing(photo);
            pair.a.cut();
            pair.b.cut();
            assertThat(right.database().attachments().missing(photo)).isEqualTo(before);
            cuts++;
            assertThat(cuts).as("cuts before it is whole").isLessThan(1_000);
        }
        assertThat(cuts).isGreaterThanOrEqualTo(100);
        assertThat(read(right, photo)).isEqualTo(content);
        Set<Cid> different = new HashSet<>(source.given);
        assertThat(source.given.size() - different.size())
                .as("given again because a cut lost them on the way")
                .isLessThanOrEqualTo(cuts * 2);
    }

    @Test
    void twoPeersAreAskedForDifferentBlocks() throws IOException {
        byte[] content = content(3, 4_000_000);
        Attachment photo = put(left, "a", content);
        EmbeddedDb other = opened(new EmbeddedDb());
        run(pair(left, other));
        Source first = new Source(left, right);
        Source second = new Source(other, right);
        left.serve(first);
        other.serve(second);
        SessionPair one = pair(left, right).run();
        SessionPair two = pair(other, right).run();
        one.b.protocol.fetchWithDocuments(true, one.b.now);
        two.b.protocol.fetchWithDocuments(true, two.b.now);
        boolean moved = true;
        while (moved) {
            moved = one.step();
            moved |= two.step();
        }
        assertThat(read(right, photo)).isEqualTo(content);
        assertThat(first.given).hasSizeGreaterThan(10).doesNotContainAnyElementsOf(second.given);
        assertThat(second.given).hasSizeGreaterThan(10);
    }

    @Test
    void ifOnePeerGoesTheOtherIsAskedForWhatItOwes() throws IOException {
        byte[] content = content(4, 3_000_000);
        Attachment photo = put(left, "a", content);
        EmbeddedDb other = opened(new EmbeddedDb());
        run(pair(left, other));
        SessionPair one = pair(left, right).run();
        SessionPair two = pair(other, right).run();
        one.b.protocol.fetchWithDocuments(true, one.b.now);
        two.b.protocol.fetchWithDocuments(true, two.b.now);
        for (int i = 0; i < 10; i++) {
            one.step();
            two.step();
        }
        one.a.cut();
        one.b.cut();
        two.run();
        assertThat(read(right, photo)).isEqualTo(content);
    }

    /** A peer in the middle has the document first and the content later: it says so then. */
    @Test
    void whatAPeerLacksItTellsOfWhenItHasIt() throws IOException {
        byte[] content = content(5, 700_000);
        EmbeddedDb hub = opened(new EmbeddedDb());
        Attachment photo = put(left, "a", content);
        pair(left, hub).run();
        SessionPair below = run(pair(hub, right));
        assertThat(types(below.fromA, 0x31)).isPositive();
        assertThat(right.database().attachments().missing(photo)).isEqualTo(700_000);
        run(pair(left, hub));
        below.run();
        assertThat(types(below.fromA, 0x32)).isPositive();
        assertThat(read(right, photo)).isEqualTo(content);
    }

    private static byte[] names(int type, Cid... cids) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(type);
        for (Cid cid : cids) {
            out.write(cid.codec());
            out.write(cid.toByteArray(), 4, 32);
        }
        return out.toByteArray();
    }

    /** A session of the left database's with a peer that says what the test wants. */
    private ManualSession session(Rights rights) {
        ProtocolConfig config = ManualSession.config(FEATURES, true, ProtocolLimits.DEFAULT, MESSAGE, rights);
        ManualSession session = new ManualSession(
                left, rights.canRead() ? ManualSession.startingAt(ManualSession.clock(left), config) : config);
        session.open();
        return session;
    }

    private static void failsWith(ErrorKind kind, ManualSession session, byte[] message) {
        session.deliver(Message.binary(message));
        assertThat(session.failure).isNotNull();
        assertThat(session.failure.kind()).as("%s", session.failure).isEqualTo(kind);
    }

    @Test
    void whoMayNotReadGetsNoBlock() {
        Attachment photo = put(left, "a", content(6, 10_000));
        ManualSession session = session(Rights.WRITE);
        List<Message> answers = session.deliver(Message.binary(names(0x30, photo.root())));
        assertThat(answers.stream().map(Message::payload)).containsExactly(names(0x31, photo.root()));
        ManualSession reader = session(Rights.READ);
        List<Message> given = reader.deliver(Message.binary(names(0x30, photo.root())));
        assertThat(types(given, 0x33)).isEqualTo(1);
    }

    @Test
    void theHistorysBlocksAreNoneOfThese() {
        Cid event = left.database().put("a", "{}");
        List<Message> answers = session(Rights.READ_WRITE).deliver(Message.binary(names(0x30, event)));
        assertThat(answers.stream().map(Message::payload)).contains(names(0x31, event));
    }

    @Test
    void whatNobodyAskedForEndsTheSession() {
        byte[] block = new byte[1_000];
        block[0] = 0x33;
        block[1] = 0x55;
        failsWith(ErrorKind.MALFORMED, session(Rights.READ_WRITE), block);
        Cid cid = Cid.hash(Cid.RAW, new byte[1]);
        failsWith(ErrorKind.MALFORMED, session(Rights.READ_WRITE), names(0x31, cid));
        assertThat(left.database().attachments().bytes()).isZero();
    }

    @Test
    void everyCountAndLengthHasALimit() {
        Cid cid = Cid.hash(Cid.RAW, new byte[1]);
        Cid[] most = new Cid[64];
        java.util.Arrays.fill(most, cid);
        Cid[] more = new Cid[65];
        java.util.Arrays.fill(more, cid);
        for (int type : new int[] {0x30, 0x31, 0x32}) {
            failsWith(ErrorKind.MALFORMED, session(Rights.READ_WRITE), names(type, more));
            failsWith(ErrorKind.MALFORMED, session(Rights.READ_WRITE), names(type));
            failsWith(ErrorKind.MALFORMED, session(Rights.READ_WRITE), new byte[] {(byte) type, 0x55, 1});
            byte[] codec = names(type, cid);
            codec[1] = 0x70;
            failsWith(ErrorKind.MALFORMED, session(Rights.READ_WRITE), codec);
        }
        failsWith(ErrorKind.MALFORMED, session(Rights.READ_WRITE), new byte[] {0x33});
        ManualSession asked = session(Rights.READ_WRITE);
        asked.protocol.received(Message.binary(names(0x30, most)), asked.now);
        failsWith(ErrorKind.LIMIT_EXCEEDED, asked, names(0x30, cid));
        byte[] large = new byte[2 + BlockExchange.MOST_BYTES + 1];
        large[0] = 0x33;
        large[1] = 0x55;
        failsWith(ErrorKind.LIMIT_EXCEEDED, session(Rights.READ_WRITE), large);
        assertThat(left.database().attachments().bytes()).isZero();
    }

    @Test
    void overTheQuotaNothingIsTakenAndTheSessionGoesOn() {
        EmbeddedDb small = opened(new EmbeddedDb(
                DatabaseOptions.builder().maxAttachmentBytes(1_000_000).build()));
        Attachment large = put(left, "a", content(7, 3_000_000));
        Attachment fits = put(left, "b", content(8, 200_000));
        SessionPair pair = run(pair(left, small));
        pair.assertEqual();
        assertThat(small.database().attachments().bytes()).isLessThanOrEqualTo(1_000_000);
        assertThat(small.database().attachments().missing(large)).isPositive();
        assertThat(small.database().attachments().missing(fits)).isZero();
        Attachment another = put(left, "c", content(12, 900_000));
        run(pair(left, small)).assertEqual();
        assertThat(small.database().attachments().missing(another)).isPositive();
        assertThat(small.database().attachments().bytes()).isLessThanOrEqualTo(1_000_000);
        left.put("more", Value.Mapping.EMPTY);
        pair.run();
        pair.assertEqual();
    }

    /** A document may name anything: a gigabyte made of one small block, nodes that lie, what is no node. */
    @Test
    void bombsAreRefusedAndTheSessionGoesOn() {
        List<Block> bomb = new ArrayList<>();
        Block piece = Block.of(Cid.RAW, new byte[] {7});
        bomb.add(piece);
        Cid below = piece.cid();
        long size = 1;
        for (int height = 1; height <= 3; height++) {
            Value pair = new Value.Sequence(List.of(new Value.Link(below), new Value.Int(size)));
            List<Value> pairs = IntStream.range(0, 1_000).mapToObj(i -> pair).toList();
            Block node = Block.of(
                    Cid.DAG_CBOR,
                    DagCbor.encode(new Value.Mapping(
                            Map.of("height", new Value.Int(height), "pieces", new Value.Sequence(pairs)))));
            bomb.add(node);
            below = node.cid();
            size *= 1_000;
        }
        Block noNode = Block.of(Cid.DAG_CBOR, DagCbor.encode(new Value.Text("none")));
        bomb.add(noNode);
        BlockExchange real = left.blocks().orElseThrow();
        Map<Cid, Block> served = new java.util.HashMap<>();
        bomb.forEach(block -> served.put(block.cid(), block));
        left.serve(new BlockExchange() {
            @Override
            public @Nullable Block block(Cid cid) {
                return served.containsKey(cid) ? served.get(cid) : real.block(cid);
            }

            @Override
            public boolean has(Cid cid) {
                return served.containsKey(cid) || real.has(cid);
            }

            @Override
            public BlockRequests requests(Runnable wakeUp) {
                return real.requests(wakeUp);
            }
        });
        left.database().put("whole", Map.of("f", new Attachment(below, size, "a/b").stub()));
        left.database().put("lie", Map.of("f", new Attachment(below, size - 1, "a/b").stub()));
        left.database().put("none", Map.of("f", new Attachment(noNode.cid(), 5, "a/b").stub()));
        left.database().put("short", Map.of("f", new Attachment(piece.cid(), 2, "a/b").stub()));
        Attachment honest = put(left, "z", content(9, 100_000));
        SessionPair pair = run(pair(left, right));
        pair.assertEqual();
        assertThat(right.database().attachments().missing(honest)).isZero();
        assertThat(right.database().attachments().missing(new Attachment(below, size, "a/b")))
                .as("10^9 bytes of a few blocks are there when these are")
                .isZero();
        assertThat(right.database().attachments().bytes()).isLessThan(500_000);
        left.database().put("huge", Map.of("f", new Attachment(below, 1L << 40, "a/b").stub()));
        run(pair(left, right)).assertEqual();
    }

    /** A peer that doesn't know of blocks is told of none and may say what it likes in these types. */
    @Test
    void whoDoesNotKnowOfThemIsUnharmed() {
        put(left, "a", content(10, 100_000));
        for (Set<Feature> features : List.of(ManualSession.NATIVE, ManualSession.ALL, Set.<Feature>of())) {
            EmbeddedDb fresh = opened(new EmbeddedDb());
            SessionPair pair = new SessionPair(left, fresh, features, ProtocolLimits.DEFAULT, 200_000);
            pair.run();
            pair.b.protocol.fetchWithDocuments(true, pair.b.now);
            pair.run();
            pair.assertEqual();
            if (features == ManualSession.NATIVE) {
                for (int type = 0x30; type < 0x34; type++) {
                    assertThat(types(pair.fromA, type) + types(pair.fromB, type))
                            .isZero();
                }
                pair.a.deliver(Message.binary(new byte[] {0x33, 1, 2, 3}));
                pair.a.deliver(Message.binary(new byte[] {0x30}));
                assertThat(pair.a.failure).isNull();
            }
        }
    }

    /** Whoever was asked and says nothing is not waited for; what it owes is asked of others. */
    @Test
    void aPeerThatOwesBlocksForTooLongIsLeft() {
        put(left, "a", content(11, 100_000));
        pair(left, right).run();
        ManualSession session =
                new ManualSession(right, ManualSession.config(FEATURES, true, ProtocolLimits.DEFAULT, MESSAGE));
        session.open();
        session.protocol.fetchWithDocuments(true, session.now);
        assertThat(types(session.drain(), 0x30)).isEqualTo(1);
        for (int i = 0; i < 100 && session.failure == null; i++) {
            session.pass(ProtocolTimes.DEFAULT.phase().toNanos() / 4);
        }
        assertThat(session.failure).isNotNull();
        assertThat(session.failure.kind()).isEqualTo(ErrorKind.TIMEOUT);
    }
}
