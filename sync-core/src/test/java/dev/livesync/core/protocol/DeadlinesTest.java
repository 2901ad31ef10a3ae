package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.core.message.ControlText;
import dev.livesync.core.message.Feature;
import dev.livesync.database.DatabaseOptions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whatever the other end owes has a deadline, and what it makes us keep has a bound. */
class DeadlinesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long PHASE = ProtocolTimes.DEFAULT.phase().toNanos();
    private static final long BEAT = ProtocolTimes.DEFAULT.heartbeat().toNanos();
    private static final Message DIFF = Message.text("{\"clock\":[],\"cids\":[]}");
    private static final Message OK = Message.text("{\"ok\":true}");
    private static final Set<Feature> QUIET = EnumSet.complementOf(EnumSet.of(Feature.HEARTBEAT));

    private final NaiveReplica db = new NaiveReplica();

    @Test
    void noDiff() {
        for (ManualSession s : List.of(open(QUIET), open(Set.of()))) {
            s.pass(PHASE - 1);
            assertThat(s.failure).isNull();
            List<Message> sent = s.pass(1);
            assertTimeout(s, "has not said what it has");
            assertThat(sent).hasSize(s.protocol.statistics().messagesSent() == 1 ? 0 : 1);
        }
    }

    @Test
    void noAnswer() {
        ManualSession s = open(QUIET);
        s.deliver(DIFF);
        s.pass(PHASE);
        assertTimeout(s, "has not answered");
    }

    @Test
    void anAnswerThatComesAtLength() {
        ManualSession s = open(QUIET);
        s.deliver(DIFF);
        for (int i = 0; i < 5; i++) {
            s.pass(PHASE / 2);
            s.deliver(car(i));
        }
        assertThat(s.failure).isNull();
        s.deliver(OK);
        s.pass(10 * PHASE);
        assertThat(s.failure).isNull();
        assertThat(s.backlogDone).isTrue();
    }

    @Test
    void noAck() {
        Docs.fill(db, 3);
        ManualSession s = open(QUIET);
        s.deliver(DIFF);
        s.deliver(OK);
        s.pass(PHASE);
        assertTimeout(s, "does not acknowledge");
    }

    @Test
    void noCredit() {
        db.put("big", Docs.bytes(100_000));
        ProtocolLimits limits = ExtensionsTest.limits(10_000, 10_000, 10_000);
        ManualSession s = new ManualSession(db, ManualSession.config(QUIET, limits, 1 << 20));
        s.open();
        List<Message> sent = s.deliver(DIFF);
        s.deliver(OK);
        long data = sent.stream()
                .filter(m -> m.kind() == Message.Kind.BINARY)
                .mapToLong(Message::size)
                .sum();
        assertThat(data).isLessThanOrEqualTo(10_000);
        // However much is written, nothing is made that cannot be sent.
        for (int i = 0; i < 50; i++) {
            db.put("id" + i, Docs.number(i));
            assertThat(s.settle()).isEmpty();
        }
        assertThat(db.openSnapshots()).isEqualTo(1);
        s.pass(PHASE / 2);
        s.deliver(ControlText.credit(10_100));
        // A hundred bytes buy no more than the moment that they may take.
        s.pass(PHASE / 2 - 1);
        assertThat(s.failure).isNull();
        s.pass(SECOND);
        assertTimeout(s, "too slowly");
        assertThat(db.openSnapshots()).isZero();
    }

    @Test
    void noCreditAtAll() {
        db.put("big", Docs.bytes(100_000));
        ProtocolLimits limits = ExtensionsTest.limits(10_000, 10_000, 10_000);
        ManualSession s = new ManualSession(db, ManualSession.config(QUIET, limits, 1 << 20));
        s.open();
        s.deliver(DIFF);
        s.deliver(OK);
        s.pass(PHASE - 1);
        assertThat(s.failure).isNull();
        s.pass(1);
        assertTimeout(s, "grants no credit");
        assertThat(db.openSnapshots()).isZero();
    }

    /** A snapshot that is held holds off compaction, so a peer must not be able to keep one for as long as it likes. */
    @Test
    void creditThatOnlyRepeatsItself() {
        assertThat(held((s, round) -> 10_000L)).isLessThanOrEqualTo(7 * PHASE);
    }

    @Test
    void creditThatTrickles() {
        assertThat(held((s, round) -> 10_000L + round)).isLessThanOrEqualTo(7 * PHASE);
    }

    /** How long a peer that says so much credit every few seconds keeps a snapshot. */
    private long held(java.util.function.BiFunction<ManualSession, Integer, Long> credit) {
        db.put("big", Docs.bytes(100_000));
        ProtocolLimits limits = ExtensionsTest.limits(10_000, 10_000, 10_000);
        ManualSession s = new ManualSession(db, ManualSession.config(QUIET, limits, 1 << 20));
        s.open();
        s.deliver(DIFF);
        s.deliver(OK);
        assertThat(db.openSnapshots()).isEqualTo(1);
        long start = s.now;
        for (int round = 0; round < 1_000 && s.failure == null; round++) {
            s.pass(PHASE / 6);
            if (s.failure == null) {
                s.deliver(ControlText.credit(credit.apply(s, round)));
            }
        }
        assertThat(s.failure).as("it ends").isNotNull();
        assertThat(s.failure.kind()).isEqualTo(ErrorKind.TIMEOUT);
        assertThat(db.openSnapshots()).isZero();
        return s.now - start;
    }

    @Test
    void aMessageThatDribbles() {
        ManualSession s = open(QUIET);
        s.deliver(DIFF);
        s.deliver(OK);
        s.deliver(ControlText.begin(Message.Kind.BINARY, 60 << 20));
        // Every 30 seconds a byte is progress, but not enough: 60 MiB may take a little over an hour.
        int bytes = 0;
        byte[] header = CarWriter.encode(List.of(), List.of());
        while (s.failure == null && bytes < 200) {
            s.deliver(Message.binary(
                    bytes < header.length
                            ? new byte[] {header[bytes]}
                            : new byte[] {bytes == header.length ? 127 : (byte) 1}));
            s.pass(30 * SECOND);
            bytes++;
            if (bytes == header.length + 1) {
                break;
            }
        }
        s.pass(2 * 3_600 * SECOND);
        assertTimeout(s, "began a message and did not finish it");
    }

    @Test
    void aDiffThatDribbles() {
        ManualSession s = open(QUIET);
        s.deliver(ControlText.begin(Message.Kind.TEXT, 100_000));
        byte[] start = "{\"clock\":[],\"cids\":[".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        s.deliver(Message.binary(start));
        s.pass(PHASE + 3 * SECOND);
        assertThat(s.failure).isNull();
        for (int i = 0; i < 100 && s.failure == null; i++) {
            s.deliver(Message.binary(new byte[] {' '}));
            s.pass(SECOND);
        }
        assertTimeout(s, "did not finish it");
    }

    @Test
    void aChannelThatTakesNothing() {
        Docs.fill(db, 3);
        ManualSession s = open(QUIET);
        s.requested--;
        s.protocol.received(DIFF, s.now);
        assertThat(s.protocol.poll(s.now)).isNotNull();
        s.requested--;
        s.protocol.received(OK, s.now);
        // No poll comes: there is no room.
        s.now += PHASE;
        s.protocol.tick(s.now);
        assertThat(s.failure).hasMessageContaining("takes no more data");
        assertThat(s.ended).isFalse();
        s.now += 5 * SECOND;
        s.protocol.tick(s.now);
        assertThat(s.ended).isTrue();
    }

    @Test
    void ourOwnSlowDiskIsNobodysFault() {
        ManualSession s = open(QUIET);
        s.requested--;
        s.protocol.received(car(1), s.now);
        s.drain();
        s.pass(100 * PHASE);
        assertThat(s.failure).isNull();
        s.settle();
        s.pass(PHASE - 1);
        assertThat(s.failure).isNull();
        s.pass(1);
        assertTimeout(s, "has not said what it has");
    }

    /** Two peers left a half each. The other end gets all from one, in three sections: the second puts out the first before the last is here. */
    @Test
    void aBatchThatIsOverTheQuotaIsNotWaitedForForEver() {
        List<Event> batch = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            List<Cid> parents = i == 0 ? List.of() : List.of(batch.get(i - 1).cid());
            Cid root = i == 49 ? Cid.hash(Cid.DAG_CBOR, new byte[] {7}) : null;
            batch.add(Events.put(Keys.ofId("d" + i), Encoded.of(Docs.bytes(1 << 20)), root, parents));
        }
        DatabaseOptions quota = DatabaseOptions.builder()
                .pendingBytesPerPeer(batch.subList(0, 25).stream()
                        .mapToLong(e -> e.block().size() + 256L)
                        .sum())
                .build();
        try (TestDb left = new EmbeddedDb(quota);
                TestDb right = new EmbeddedDb(quota)) {
            left.replica().commit(new Commit(List.of(), batch.subList(0, 25), new Origin("s1", "one")));
            left.replica().commit(new Commit(List.of(), batch.subList(25, 50), new Origin("s2", "two")));
            assertThat(left.documents()).hasSize(50);
            SessionPair pair = SessionPair.livesync(left, right).run();
            assertThat(right.heads()).isEmpty();
            for (int i = 0; i < 8 && pair.b.backlogFailure == null; i++) {
                for (ManualSession s : List.of(pair.a, pair.b)) {
                    s.now += PHASE / 4;
                    s.protocol.tick(s.now);
                }
                pair.run();
            }
            assertThat(pair.b.backlogFailure)
                    .hasMessageContaining("has not sent all ancestors")
                    .hasMessageContaining("pendingBytesPerPeer")
                    .extracting("kind")
                    .isEqualTo(ErrorKind.TIMEOUT);
            assertThat(pair.b.failure).as("the session goes on").isNull();
            assertThat(pair.b.equal).isFalse();
            right.put("mine", Docs.number(1));
            pair.run();
            assertThat(left.documents()).hasSize(51);
        }
    }

    @Test
    void silenceIsBrokenByPings() {
        ManualSession s = exchanged();
        assertThat(s.pass(BEAT - 1)).isEmpty();
        assertThat(SessionPair.texts(s.pass(1))).containsExactly("{\"ping\":1}");
        assertThat(s.deliver(ControlText.pong(1))).isEmpty();
        assertThat(SessionPair.texts(s.pass(3 * BEAT))).containsExactly("{\"ping\":1}", "{\"ping\":2}", "{\"ping\":3}");
        assertThat(s.failure).isNull();
        s.pass(BEAT);
        assertTimeout(s, "answers no ping");
    }

    @Test
    void anythingHeardIsASignOfLife() {
        ManualSession s = exchanged();
        for (int i = 0; i < 20; i++) {
            s.pass(3 * BEAT);
            s.deliver(Message.text("{\"whatever\":1}"));
        }
        assertThat(s.failure).isNull();
    }

    @Test
    void manyPingsAreAnsweredOnce() {
        ManualSession s = exchanged();
        for (int i = 0; i < 100; i++) {
            s.protocol.received(ControlText.ping(i), s.now);
        }
        assertThat(SessionPair.texts(s.drain())).containsExactly("{\"pong\":99}");
    }

    @Test
    void whoStopsListeningDoesNotCountSilence() {
        Set<Feature> features = EnumSet.of(Feature.HELLO, Feature.HEARTBEAT);
        ManualSession s = new ManualSession(
                db, ManualSession.config(features, ExtensionsTest.limits(100, 1_000, 1_000), 1 << 20));
        s.open();
        s.deliver(DIFF);
        s.deliver(OK);
        while (s.requested > 0) {
            s.requested--;
            s.protocol.received(car(1), s.now);
        }
        // More than the window waits for a commit that does not end.
        s.pass(100 * BEAT);
        assertThat(s.failure).isNull();
        s.settle();
        assertThat(s.requested).isPositive();
    }

    @Test
    void aPeerWithoutCreditIsNotAskedForMoreThanWeTake() {
        for (Set<Feature> features : List.of(Set.<Feature>of(), EnumSet.of(Feature.HELLO))) {
            ProtocolLimits limits = ExtensionsTest.limits(5_000, 1_000, 1_000);
            ManualSession s = new ManualSession(db, ManualSession.config(features, limits, 1 << 20));
            s.open();
            int taken = 0;
            byte[] car = car(1).payload();
            while (s.requested > 0) {
                s.requested--;
                s.protocol.received(Message.binary(car), s.now);
                taken += car.length;
            }
            assertThat(taken).isLessThan(5_000 + 5 * car.length);
            s.settle();
            assertThat(s.requested).isPositive();
        }
    }

    @Test
    void aLastWordThatNobodyTakesEndsAllTheSame() {
        ManualSession s = open(QUIET);
        s.protocol.close(s.now);
        assertThat(s.ended).isFalse();
        s.now += 5 * SECOND;
        s.protocol.tick(s.now);
        assertThat(s.ended).as("the goodbye still waits").isFalse();
        s.now += 5 * SECOND;
        s.protocol.tick(s.now);
        assertThat(s.ended).isTrue();
        assertThat(s.end).isNull();
    }

    @Test
    void aPeerThatDoesNotAcknowledgeHoldsUpACloseForItsTimeOnlyAndIsNamed() {
        db.put("a", Docs.bytes(10));
        ManualSession s = unacknowledged();
        s.protocol.close(s.now);
        assertThat(s.pass(5 * SECOND - 1)).isEmpty();
        assertThat(s.ended).isFalse();
        assertThat(SessionPair.texts(s.pass(1))).containsExactly("{\"bye\":true}");
        assertThat(s.ended).isTrue();
        assertThat(s.end)
                .hasMessageContaining("is not known to have all that was written here")
                .hasMessageContaining(db.heads().get(0).toString())
                .hasMessageContaining("PT5S")
                .extracting("kind")
                .isEqualTo(ErrorKind.TIMEOUT);
    }

    @Test
    void aPeerThatSaysNoGoodbyeHoldsUpACloseForItsTimeOnly() {
        ManualSession s = exchanged();
        s.protocol.close(s.now);
        assertThat(SessionPair.texts(s.drain())).containsExactly("{\"bye\":true}");
        s.pass(5 * SECOND - 1);
        assertThat(s.ended).isFalse();
        s.pass(1);
        assertThat(s.ended).isTrue();
        assertThat(s.end).isNull();
    }

    @Test
    void thePeersGoodbyeIsAnsweredInTime() {
        db.put("a", Docs.bytes(10));
        ManualSession s = unacknowledged();
        assertThat(s.deliver(Message.text("{\"bye\":true}"))).isEmpty();
        assertThat(s.ended).isFalse();
        s.pass(5 * SECOND);
        assertThat(s.ended).isTrue();
        assertThat(s.end).as("it was the peer who wanted to leave").isNull();
    }

    // ---- helpers

    private ManualSession open(Set<Feature> features) {
        ManualSession s = new ManualSession(db, ManualSession.config(features, ProtocolLimits.DEFAULT, 1 << 20));
        s.open();
        return s;
    }

    /** A peer that took our data and never said so. */
    private ManualSession unacknowledged() {
        ManualSession s = open(ManualSession.ALL);
        s.deliver(DIFF);
        s.deliver(OK);
        return s;
    }

    private ManualSession exchanged() {
        ManualSession s = open(ManualSession.ALL);
        s.deliver(DIFF);
        s.deliver(OK);
        assertThat(s.backlogDone).isTrue();
        return s;
    }

    private static Message car(int n) {
        var event = Events.put("Jx" + n, Encoded.of(Docs.number(n)), null, List.of());
        return Message.binary(CarWriter.encode(List.of(), List.of(event.block())));
    }

    private static void assertTimeout(ManualSession s, String what) {
        assertThat(s.failure).isNotNull();
        assertThat(s.failure).hasMessageContaining(what).extracting("kind").isEqualTo(ErrorKind.TIMEOUT);
        assertThat(s.ended).isTrue();
        assertThat(s.backlogDone || s.backlogFailure == s.failure).isTrue();
    }
}
