package dev.livesync.core.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.livesync.SessionStatus;
import dev.livesync.api.Block;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Limits;
import dev.livesync.core.message.ControlText;
import dev.livesync.core.message.WireMessage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A peer that breaks a rule ends its own session, clearly, and nothing of what it did wrong is stored. */
class RulesTest {
    private static final Message EMPTY_DIFF = Message.text("{\"clock\":[],\"cids\":[]}");
    private static final Event EVENT = Events.put("Jx", Encoded.of(Docs.number(1)), null, List.of());
    private static final ProtocolLimits SMALL = new ProtocolLimits(
            10_000,
            20_000,
            10,
            5,
            1_000,
            5_000,
            5_000,
            Limits.DEFAULT.toBuilder()
                    .documentBytes(2_000)
                    .blockBytes(3_000)
                    .roots(3)
                    .build());

    private final NaiveReplica db = new NaiveReplica();

    // ---- framing

    @Test
    void aMessageInsideAnother() {
        ManualSession s = livesync();
        deliver(s, ControlText.begin(Message.Kind.BINARY, 100));
        assertRefused(s, ControlText.begin(Message.Kind.BINARY, 100), ErrorKind.MALFORMED, "began inside another");
    }

    @Test
    void dataBetweenPieces() {
        ManualSession s = livesync();
        deliver(s, ControlText.begin(Message.Kind.BINARY, 100));
        assertRefused(s, EMPTY_DIFF, ErrorKind.MALFORMED, "between the pieces");
    }

    @Test
    void moreThanWasAnnounced() {
        ManualSession s = livesync();
        deliver(s, ControlText.begin(Message.Kind.TEXT, 10));
        assertRefused(s, Message.binary(new byte[11]), ErrorKind.MALFORMED, "more than the 10 bytes");
    }

    @Test
    void emptyPiecesAndEmptyMessages() {
        ManualSession s = livesync();
        deliver(s, ControlText.begin(Message.Kind.TEXT, 10));
        assertRefused(s, Message.binary(new byte[0]), ErrorKind.MALFORMED, "0 bytes");
        assertRefused(livesync(), ControlText.begin(Message.Kind.TEXT, 0), ErrorKind.MALFORMED, "0 bytes is announced");
        assertRefused(livesync(), Message.text(""), ErrorKind.MALFORMED, "breaks off");
        assertRefused(livesync(), Message.binary(new byte[0]), ErrorKind.MALFORMED, "CAR is empty");
    }

    @Test
    void controlMessagesInPieces() {
        ManualSession s = livesync();
        byte[] bye = ControlText.bye().payload();
        deliver(s, ControlText.begin(Message.Kind.TEXT, bye.length));
        assertRefused(s, Message.binary(bye), ErrorKind.MALFORMED, "neither a diff nor a CAR");
    }

    @Test
    void morePiecesThanTheLimitAllows() {
        assertRefused(
                small(), ControlText.begin(Message.Kind.BINARY, 20_001), ErrorKind.LIMIT_EXCEEDED, "limit of 20000");
        assertRefused(
                small(), ControlText.begin(Message.Kind.TEXT, 1L << 40), ErrorKind.LIMIT_EXCEEDED, "over the limit");
        assertRefused(
                livesync(),
                ControlText.begin(Message.Kind.BINARY, Long.MAX_VALUE),
                ErrorKind.LIMIT_EXCEEDED,
                "over the limit");
    }

    // ---- credit, acks

    @Test
    void moreThanTheWindow() {
        ManualSession s = small();
        deliver(s, ControlText.begin(Message.Kind.BINARY, 15_000));
        assertRefused(s, Message.binary(new byte[10_001]), ErrorKind.LIMIT_EXCEEDED, "granted 10000");
        // Of finished messages nothing is granted before it is durable.
        ManualSession t = small();
        byte[] car = car(document(1_900));
        for (int i = 0; i < 10_000 / car.length; i++) {
            t.protocol.received(Message.binary(car), t.now);
        }
        assertThat(t.failure).isNull();
        assertRefused(t, Message.binary(car), ErrorKind.LIMIT_EXCEEDED, "granted 10000");
    }

    @Test
    void creditThatShrinks() {
        ManualSession s = livesync();
        deliver(s, ControlText.credit(100_000_000));
        assertRefused(s, ControlText.credit(99_999_999), ErrorKind.MALFORMED, "only ever grows");
    }

    @Test
    void acksForWhatWasNotSent() {
        assertRefused(
                livesync(),
                ControlText.ack(WireMessage.Ack.of(1, List.of(), true)),
                ErrorKind.MALFORMED,
                "ack for 1 CARs, where 0 were sent");
        Docs.fill(db, 3);
        ManualSession s = livesync();
        deliver(s, EMPTY_DIFF);
        deliver(s, ControlText.ack(WireMessage.Ack.of(1, List.of(), true)));
        assertRefused(
                s,
                ControlText.ack(WireMessage.Ack.of(0, List.of(), true)),
                ErrorKind.MALFORMED,
                "1 acknowledged or refused before");
    }

    // ---- content

    @Test
    void notACarAndNotJson() {
        assertRefused(livesync(), Message.binary("{\"ok\":true}".getBytes(UTF_8)), ErrorKind.MALFORMED, "header");
        assertRefused(livesync(), Message.text("nonsense"), ErrorKind.MALFORMED, "is no JSON");
        assertRefused(livesync(), Message.text("null"), ErrorKind.MALFORMED, "is null");
        assertRefused(alpha(), Message.binary("nonsense".getBytes(UTF_8)), ErrorKind.MALFORMED, "is no JSON");
        assertRefused(alpha(), Message.text("null"), ErrorKind.MALFORMED, "is null");
        assertRefused(alpha(), Message.text(""), ErrorKind.MALFORMED, "breaks off");
    }

    @Test
    void aCarThatBreaksOff() {
        byte[] car = car(document(100));
        assertRefused(
                livesync(),
                Message.binary(java.util.Arrays.copyOf(car, car.length - 1)),
                ErrorKind.MALFORMED,
                "ends at offset");
    }

    @Test
    void aBlockThatIsNotWhatItSays() {
        byte[] car = car(document(100));
        car[car.length - 1] ^= 1;
        for (ManualSession s : List.of(livesync(), alpha())) {
            assertRefused(s, Message.binary(car.clone()), ErrorKind.HASH_MISMATCH, "bafy");
        }
    }

    @Test
    void anEventThatIsNone() {
        Value bad = new Value.Mapping(
                java.util.Map.of("data", new Value.Text("?"), "parents", new Value.Sequence(List.of())));
        Block block = dev.livesync.car.DagCbor.block(bad, Limits.DEFAULT);
        byte[] car = CarWriter.encode(List.of(), List.of(EVENT.block(), block));
        for (ManualSession s : List.of(livesync(), alpha())) {
            assertRefused(
                    s, Message.binary(car), ErrorKind.MALFORMED, block.cid().toString());
        }
    }

    @Test
    void aRootThatIsNotThere() {
        byte[] car = CarWriter.encode(List.of(document(1).cid()), List.of(EVENT.block()));
        assertRefused(
                alpha(),
                Message.binary(car),
                ErrorKind.MALFORMED,
                "its root " + document(1).cid() + " is not in it");
    }

    // ---- limits

    @Test
    void documentsBlocksAndCarsOverTheLimit() {
        assertRefused(small(), Message.binary(car(document(2_100))), ErrorKind.LIMIT_EXCEEDED, "limit of 2000");
        assertRefused(small(), Message.binary(car(document(3_100))), ErrorKind.LIMIT_EXCEEDED, "limit of 3000");
        List<Block> many = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            many.add(Events.put("Jx" + i, Encoded.of(Docs.number(i)), null, List.of())
                    .block());
        }
        assertRefused(
                small(), Message.binary(CarWriter.encode(List.of(), many)), ErrorKind.LIMIT_EXCEEDED, "10 blocks");
        deliver(small(), Message.binary(CarWriter.encode(List.of(), many.subList(0, 10))));
        ProtocolLimits wide = ManualSession.limits(1 << 20, 20_000, 5, 1_000, 5_000, 5_000);
        int around = car(document(17_000)).length - 17_000;
        byte[] largest = car(document(20_000 - around));
        assertThat(largest).hasSize(20_000);
        ManualSession exact = new ManualSession(db, ManualSession.config(ManualSession.ALL, wide, 1 << 20));
        exact.open();
        deliver(exact, Message.binary(largest));
        ManualSession s = new ManualSession(db, ManualSession.config(ManualSession.ALL, wide, 1 << 20));
        s.open();
        assertRefused(s, Message.binary(new byte[20_001]), ErrorKind.LIMIT_EXCEEDED, "limit of 20000");
    }

    @Test
    void moreInADiffThanIsKeptIsLetGo() {
        List<String> cids = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            cids.add("\""
                    + Events.put("Jx" + i, Encoded.of(Docs.number(i)), null, List.of())
                            .cid() + "\"");
        }
        String six = String.join(",", cids);
        deliver(small(), Message.text("{\"clock\":[],\"cids\":[" + six + "]}"));
        deliver(small(), Message.text("{\"clock\":[" + six + "],\"cids\":[]}"));
    }

    @Test
    void controlMessagesOverTheLimit() {
        assertRefused(
                small(),
                Message.text("{\"unknown\":\"" + "x".repeat(1_000) + "\"}"),
                ErrorKind.LIMIT_EXCEEDED,
                "control message");
        String longest = "{\"unknown\":0" + " ".repeat(ProtocolLimits.DEFAULT.controlBytes() - 13) + "}";
        assertThat(longest).hasSize(64 << 10);
        ManualSession s = new ManualSession(db, ManualSession.livesync());
        s.open();
        deliver(s, Message.text(longest));
        assertRefused(s, Message.text(longest + " "), ErrorKind.LIMIT_EXCEEDED, "control message");
    }

    @Test
    void aDocumentThatNoMessageCarriesIsNamedToOurUserAndToThePeer() {
        db.put("the big one", Docs.bytes(30_000));
        ManualSession s = small();
        List<Message> sent = s.deliver(EMPTY_DIFF);
        assertThat(s.failure)
                .hasMessageContaining("document \"the big one\"")
                .hasMessageContaining("20000 bytes that one message to this peer carries")
                .extracting("kind")
                .isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        assertThat(SessionPair.text(sent.get(sent.size() - 1)))
                .startsWith("{\"error\":{\"kind\":\"LIMIT_EXCEEDED\"")
                .contains("the big one");
    }

    // ---- ends

    @Test
    void thePeersErrorIsOurs() {
        ManualSession s = livesync();
        s.deliver(Message.text("{\"error\":{\"kind\":\"HASH_MISMATCH\",\"message\":\"bad \\u001b[31m\\n"
                + "x".repeat(5_000) + "\"}}"));
        assertThat(s.failure).extracting("kind").isEqualTo(ErrorKind.HASH_MISMATCH);
        assertThat(s.failure.getMessage()).contains("bad ?[31m?xxx").hasSizeLessThan(700);
        assertThat(s.ended).isTrue();
        assertThat(s.backlogFailure).isSameAs(s.failure);
        ManualSession t = livesync();
        t.deliver(Message.text("{\"error\":{\"kind\":\"FUTURE\",\"message\":7}}"));
        assertThat(t.failure).extracting("kind").isEqualTo(ErrorKind.DISCONNECTED);
    }

    @Test
    void aGoodbyeIsRegularOnBothSides() {
        SessionPair pair = SessionPair.livesync(Docs.fill(new NaiveReplica(), 10), new NaiveReplica())
                .run();
        pair.a.protocol.close(pair.a.now);
        pair.run();
        assertThat(SessionPair.texts(pair.fromA)).last().isEqualTo("{\"bye\":true}");
        for (ManualSession s : List.of(pair.a, pair.b)) {
            assertThat(s.ended).isTrue();
            assertThat(s.end).isNull();
            assertThat(s.statuses).last().isEqualTo(SessionStatus.DESTROYED);
        }
    }

    @Test
    void whatArrivedBeforeAGoodbyeIsKeptAndAcknowledged() {
        ManualSession s = livesync();
        s.protocol.received(Message.binary(CarWriter.encode(List.of(), List.of(document(5)))), s.now);
        s.protocol.close(s.now);
        List<Message> sent = s.settle();
        assertThat(SessionPair.texts(sent))
                .hasSize(2)
                .contains("{\"bye\":true}")
                .anyMatch(t -> t.startsWith("{\"ack\":1"));
        // The peer may not have said all it had to say.
        assertThat(s.ended).isFalse();
        s.protocol.received(Message.binary(CarWriter.encode(List.of(), List.of(document(6)))), s.now);
        assertThat(SessionPair.texts(s.settle())).singleElement(as(STRING)).startsWith("{\"ack\":2");
        assertThat(s.deliver(Message.text("{\"bye\":true}"))).isEmpty();
        assertThat(s.ended).isTrue();
        assertThat(s.end).isNull();
        assertThat(s.backlogFailure).extracting("kind").isEqualTo(ErrorKind.DISCONNECTED);
        assertThat(db.snapshot().missing(List.of(document(5).cid(), document(6).cid())))
                .isEmpty();
    }

    @Test
    void whatArrivedBeforeTheChannelBrokeIsKept() {
        ManualSession s = livesync();
        s.protocol.received(Message.binary(CarWriter.encode(List.of(), List.of(EVENT.block()))), s.now);
        s.protocol.received(Message.binary(CarWriter.encode(List.of(), List.of(document(5)))), s.now);
        s.cut();
        assertThat(s.failure).hasMessage("cut");
        assertThat(s.ended).isFalse();
        s.settle();
        assertThat(s.ended).isTrue();
        assertThat(db.snapshot().missing(List.of(EVENT.cid(), document(5).cid())))
                .isEmpty();
    }

    @Test
    void nothingIsCommittedAfterAViolation() {
        ManualSession s = livesync();
        byte[] good = CarWriter.encode(List.of(), List.of(EVENT.block()));
        byte[] waiting = CarWriter.encode(List.of(), List.of(document(5)));
        s.protocol.received(Message.binary(good), s.now);
        s.protocol.received(Message.binary(waiting), s.now);
        s.protocol.received(Message.binary(new byte[] {1}), s.now);
        s.settle();
        assertThat(s.ended).isTrue();
        // The commit that was under way is, and the one that waited is not.
        assertThat(db.snapshot().block(EVENT.cid())).isNotNull();
        assertThat(db.snapshot().block(document(5).cid())).isNull();
    }

    @Test
    void aLiveSyncPeerThatVanishesWithoutAGoodbyeIsMissed() {
        ManualSession s = livesync();
        s.protocol.channelClosed(CloseReason.REMOTE, s.now);
        assertThat(s.failure)
                .hasMessageContaining("without a goodbye")
                .extracting("kind")
                .isEqualTo(ErrorKind.DISCONNECTED);
        ManualSession t = alpha();
        t.protocol.channelClosed(CloseReason.REMOTE, t.now);
        assertThat(t.failure).isNull();
        assertThat(t.ended).isTrue();
    }

    @Test
    void anAlphaThatGoesSilentlyMayHaveBrokenItsChannel() {
        ManualSession silent = alpha();
        silent.protocol.channelClosed(CloseReason.REMOTE, silent.now);
        ManualSession answered = alpha();
        answered.deliver(Message.text("{\"clock\":[],\"cids\":[]}"));
        answered.protocol.channelClosed(CloseReason.REMOTE, answered.now);
        for (ManualSession s : List.of(silent, answered)) {
            assertThat(s.backlogFailure)
                    .hasMessageContaining("262144 bytes")
                    .extracting("kind")
                    .isEqualTo(ErrorKind.DISCONNECTED);
        }
        ManualSession other = livesync();
        other.protocol.channelClosed(CloseReason.REMOTE, other.now);
        ManualSession left = alpha();
        left.protocol.close(left.now);
        left.protocol.channelClosed(CloseReason.LOCAL, left.now);
        for (ManualSession s : List.of(other, left)) {
            assertThat(s.backlogFailure).message().doesNotContain("262144");
        }
    }

    @Test
    void aFailedCommitEndsTheSessionAndTellsThePeerNothingOfOurDisk() {
        ManualSession s = new ManualSession(new Broken(db), ManualSession.livesync());
        s.open();
        List<Message> sent = s.deliver(Message.binary(CarWriter.encode(List.of(), List.of(EVENT.block()))));
        assertThat(s.failure)
                .hasMessageContaining("/secret/path")
                .extracting("kind")
                .isEqualTo(ErrorKind.STORAGE);
        assertThat(SessionPair.texts(sent))
                .last()
                .asString()
                .contains("STORAGE")
                .doesNotContain("secret");
        assertThat(s.ended).isTrue();
    }

    @Test
    void anAlphaIsToldNothing() {
        ManualSession s = alpha();
        assertThat(s.deliver(Message.text("nonsense"))).isEmpty();
        assertThat(s.ended).isTrue();
        ManualSession t = alpha();
        t.protocol.close(t.now);
        assertThat(t.settle()).isEmpty();
        assertThat(t.ended).isTrue();
        assertThat(t.end).isNull();
    }

    @Test
    void anAlphaThatSpeaksOfExtensionsIsIgnored() {
        ManualSession s = alpha();
        for (String text : List.of(
                "{\"error\":{\"kind\":\"MALFORMED\",\"message\":\"x\"}}",
                "{\"bye\":true}",
                "{\"ack\":99}",
                "{\"credit\":1}",
                "{\"begin\":{\"kind\":\"text\",\"bytes\":99}}",
                "{\"ping\":1}",
                "{\"hello\":{}}")) {
            assertThat(s.deliver(Message.text(text))).isEmpty();
        }
        assertThat(s.failure).isNull();
    }

    // ---- helpers

    private ManualSession livesync() {
        ManualSession s = new ManualSession(db, ManualSession.livesync());
        s.open();
        return s;
    }

    private ManualSession alpha() {
        ManualSession s = new ManualSession(db, ManualSession.alpha());
        s.open();
        return s;
    }

    private ManualSession small() {
        ManualSession s = new ManualSession(db, ManualSession.config(ManualSession.ALL, SMALL, 1 << 20));
        s.open();
        return s;
    }

    private static void deliver(ManualSession s, Message m) {
        s.deliver(m);
        assertThat(s.failure).isNull();
    }

    private void assertRefused(ManualSession s, Message m, ErrorKind kind, String why) {
        int stored = (int) db.snapshot().summary().blocks();
        s.protocol.received(m, s.now);
        List<Message> sent = s.settle();
        assertThat(s.failure).as("refusal of " + m).isNotNull();
        assertThat(s.failure).hasMessageContaining(why).hasMessageContaining("peer test:session");
        assertThat(s.failure.kind()).isEqualTo(kind);
        assertThat(s.failure.getMessage()).doesNotContain("\n");
        assertThat(s.ended).isTrue();
        assertThat(s.end).isSameAs(s.failure);
        assertThat(s.commits).isEmpty();
        if (!sent.isEmpty()) {
            assertThat(SessionPair.text(sent.get(sent.size() - 1))).startsWith("{\"error\":{\"kind\":\"" + kind + "\"");
        }
        if (!kind.equals(ErrorKind.LIMIT_EXCEEDED)) {
            assertThat((int) db.snapshot().summary().blocks()).isEqualTo(stored);
        }
    }

    private static Block document(int size) {
        return Events.encode(Event.Type.PUT, "Jdocument", Encoded.of(Docs.bytes(size)), null, List.of(), Limits.DEFAULT)
                .block();
    }

    private static byte[] car(Block block) {
        return CarWriter.encode(List.of(block.cid()), List.of(block));
    }

    /** A replica whose disk is full. */
    private record Broken(Replica sound) implements Replica {
        @Override
        public Snapshot snapshot() {
            return sound.snapshot();
        }

        @Override
        public CommitResult commit(Commit commit) {
            throw new SyncException(ErrorKind.STORAGE, "cannot write /secret/path: no space left");
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            return sound.changes(after, maxEvents);
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            return sound.onChange(wakeUp);
        }
    }
}
