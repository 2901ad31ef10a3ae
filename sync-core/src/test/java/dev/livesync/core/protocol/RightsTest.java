package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarWriter;
import dev.livesync.core.message.Feature;
import dev.livesync.grant.Rights;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rights at the door: what a peer may not write is never stored, and what it may not read never leaves. */
class RightsTest {
    private static final int ROUNDS = 150;
    private static final ProtocolLimits LIMITS = ProtocolLimits.DEFAULT;

    @Test
    void aReadOnlyPeerGetsEverythingAndGoesOnGettingIt() {
        SessionPair pair = granted(Docs.fill(new NaiveReplica(), 50), new NaiveReplica(), Rights.READ);
        pair.assertEqual();
        pair.left.put("later", Docs.text("x"));
        pair.run().assertEqual();
        assertThat(pair.b.refusals).isEmpty();

        List<@Nullable SyncException> told = new ArrayList<>();
        pair.b.protocol.deliver(pair.right.heads(), told::add, pair.b.now);
        pair.run();
        assertThat(told).containsExactly((SyncException) null);
    }

    @Test
    void whatAReadOnlyPeerWroteStaysThereAndItHearsSoOnce() {
        TestDb left = Docs.fill(new NaiveReplica(), 50);
        TestDb right = new NaiveReplica();
        right.put("mine", Docs.text("before"));
        SessionPair pair = granted(left, right, Rights.READ);
        List<Cid> before = left.heads();
        right.put("mine", Docs.text("live"));
        pair.run();
        left.put("theirs", Docs.text("live"));
        pair.run();

        assertThat(left.documents()).hasSize(51).doesNotContainKey("mine");
        assertThat(left.heads()).isNotEqualTo(before).hasSize(1);
        assertThat(pair.a.commits).isEmpty();
        assertThat(pair.a.protocol.statistics().carsReceived()).isZero();
        assertThat(right.documents()).hasSize(52);
        assertThat(pair.b.refusals).hasSize(1);
        assertThat(pair.b.refusals.get(0).kind()).isEqualTo(ErrorKind.REFUSED);
        assertThat(pair.b.refusals.get(0)).hasMessageContaining("read access only");
        assertThat(pair.b.protocol.statistics().carsSent()).isZero();
        assertThat(pair.a.failure).isNull();
        assertThat(pair.b.failure).isNull();
        assertThat(pair.a.backlogDone && pair.b.backlogDone).isTrue();

        List<@Nullable SyncException> told = new ArrayList<>();
        pair.b.protocol.deliver(right.heads(), told::add, pair.b.now);
        pair.run();
        assertThat(told).hasSize(1);
        assertThat(told.get(0).kind()).isEqualTo(ErrorKind.REFUSED);
        pair.b.protocol.close(pair.b.now);
        pair.run();
        assertThat(pair.b.ended && pair.a.ended).isTrue();
        assertThat(pair.b.end.kind()).isEqualTo(ErrorKind.REFUSED);
        assertThat(pair.a.end).isNull();
    }

    @Test
    void whatAReadOnlyPeerSendsAllTheSameIsRefusedBeforeItIsStored() {
        TestDb left = Docs.fill(new NaiveReplica(), 5);
        TestDb right = new NaiveReplica();
        ManualSession a = new ManualSession(
                left.replica(), ManualSession.config(ManualSession.ALL, true, LIMITS, 1 << 20, Rights.READ));
        a.open();
        List<Message> said = new ArrayList<>(a.deliver(Message.text("{\"clock\":[],\"cids\":[]}")));
        List<Cid> before = left.heads();
        long bytes = 0;
        for (int i = 0; bytes < 3L * LIMITS.window(); i++) {
            right.put("no" + i, Docs.bytes(400_000));
            Message car = car(right);
            bytes += car.size();
            said.addAll(a.deliver(car));
            assertThat(a.ended).isFalse();
        }
        assertThat(left.heads()).isEqualTo(before);
        assertThat(left.replica().snapshot().missing(cids(right))).hasSameSizeAs(cids(right));
        long cars = a.protocol.statistics().carsReceived();
        assertThat(cars).isGreaterThan(5);
        List<String> texts = SessionPair.texts(said);
        assertThat(texts).anyMatch(t -> t.startsWith("{\"refused\":{\"car\":1,") && t.contains("read access only"));
        assertThat(texts).anyMatch(t -> t.startsWith("{\"ack\":" + cars + ","));
        assertThat(a.protocol.statistics().eventsCommitted()).isZero();
        // It goes on reading.
        left.put("later", Docs.text("x"));
        assertThat(a.settle()).anyMatch(m -> m.kind() == Message.Kind.BINARY);
    }

    @Test
    void aWriteOnlyPeersChangesAreStoredAndItGetsNothing() {
        TestDb left = Docs.fill(new NaiveReplica(), 50);
        TestDb right = new NaiveReplica();
        right.put("mine", Docs.text("before"));
        SessionPair pair = granted(left, right, Rights.WRITE);
        right.put("mine", Docs.text("live"));
        pair.run();
        left.put("theirs", Docs.text("live"));
        pair.run();
        assertThat(left.documents()).hasSize(52).containsEntry("mine", Docs.text("live"));
        assertThat(right.documents()).containsOnlyKeys("mine");
        assertThat(pair.b.protocol.statistics().carsReceived()).isZero();
        assertThat(pair.b.protocol.statistics().carsAcknowledged()).isEqualTo(2);
        assertThat(pair.b.equal).isFalse();
        assertThat(pair.b.backlogDone).isTrue();
        assertThat(pair.a.backlogDone).isTrue();

        List<@Nullable SyncException> told = new ArrayList<>();
        pair.b.protocol.deliver(right.heads(), told::add, pair.b.now);
        pair.a.protocol.deliver(left.heads(), told::add, pair.a.now);
        pair.run();
        assertThat(told).hasSize(2);
        assertThat(told.get(0) == null ? told.get(1) : told.get(0))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.REFUSED));
        assertThat(told).containsNull();

        pair.a.protocol.close(pair.a.now);
        pair.run();
        assertThat(pair.a.ended && pair.b.ended).isTrue();
        assertThat(pair.a.end).isNull();
        assertThat(pair.b.end).isNull();
    }

    /** An empty replica that may not read doesn't take an empty list for what the other has. */
    @Test
    void whoMayNotReadIsNeverEqual() {
        SessionPair pair = granted(new NaiveReplica(), new NaiveReplica(), Rights.WRITE);
        assertThat(pair.b.equal).isFalse();
        assertThat(pair.b.backlogDone).isTrue();
    }

    @Test
    void aPeerThatDoesNotSpeakOfRightsGetsNoLessThanAll() {
        Set<Feature> without = EnumSet.allOf(Feature.class);
        without.remove(Feature.RIGHTS);
        for (Rights rights : List.of(Rights.READ, Rights.WRITE)) {
            ManualSession a = new ManualSession(
                    Docs.fill(new NaiveReplica(), 5).replica(),
                    ManualSession.config(without, true, LIMITS, 1 << 20, rights));
            List<String> texts = SessionPair.texts(a.open());
            assertThat(texts).singleElement().asString().startsWith("{\"error\":{\"kind\":\"UNSUPPORTED\"");
            assertThat(a.end.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
        }
    }

    /**
     * The oracle knows nothing of the protocol: whatever the database holds, a write-only peer gets the same bytes. It sends events of its
     * own, events that are there already, and events on top of some that it must not know of.
     */
    @Test
    void whatAWriteOnlyPeerIsSentDoesNotDependOnWhatIsThere() {
        for (long seed = 1; seed <= ROUNDS; seed++) {
            try {
                List<Message> one = probe(seed, 0);
                List<Message> other = probe(seed, 1 + (int) (seed % 40));
                assertThat(recording(other)).isEqualTo(recording(one));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** And no CID, id or value in any form that is searched for. */
    @Test
    void noCidAndNoIdIsInARecordingOfAWriteOnlySession() {
        for (long seed = 1; seed <= ROUNDS; seed++) {
            try {
                Random random = new Random(seed);
                TestDb left = Docs.fill(new NaiveReplica(), 1 + random.nextInt(200));
                TestDb right = new NaiveReplica();
                SessionPair pair = SessionPair.granted(left, right, Rights.WRITE, LIMITS);
                for (int i = 0; i < 10; i++) {
                    if (random.nextBoolean()) {
                        left.put("secret" + random.nextInt(5), Docs.number(random.nextLong()));
                    } else {
                        right.put("mine" + random.nextInt(5), Docs.number(random.nextLong()));
                    }
                    if (random.nextInt(3) > 0) {
                        pair.run();
                    }
                }
                pair.run();
                (random.nextBoolean() ? pair.a : pair.b).protocol.close(pair.a.now);
                pair.run();
                assertThat(left.documents().keySet())
                        .containsAll(right.documents().keySet());
                String all = recording(pair.fromA);
                Set<Cid> stored = new HashSet<>(cids(left));
                try (Snapshot snapshot = left.replica().snapshot()) {
                    snapshot.storedCids().forEachRemaining(stored::add);
                }
                for (Cid cid : stored) {
                    assertThat(all).doesNotContain(cid.toString());
                    assertThat(all).doesNotContain(latin(cid.toByteArray()));
                }
                assertThat(all).doesNotContain("secret", "mine", "doc0", "name of");
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static List<Message> probe(long seed, int documents) {
        Random random = new Random(seed);
        TestDb known = Docs.fill(new NaiveReplica(), 40);
        TestDb left = Docs.fill(new NaiveReplica(), documents);
        ManualSession a = new ManualSession(
                left.replica(), ManualSession.config(ManualSession.ALL, true, LIMITS, 1 << 20, Rights.WRITE));
        List<Message> sent = new ArrayList<>(a.open());
        sent.addAll(a.deliver(diff(known)));
        for (int i = 0; i < 12; i++) {
            switch (random.nextInt(4)) {
                case 0 -> known.put("new" + random.nextInt(9), Docs.number(random.nextInt(5)));
                case 1 -> sent.addAll(a.deliver(car(known)));
                case 2 -> sent.addAll(a.deliver(head(known)));
                default -> sent.addAll(a.deliver(diff(known)));
            }
        }
        sent.addAll(a.deliver(Message.text("{\"ok\":true}")));
        sent.addAll(a.deliver(Message.text("{\"bye\":true}")));
        sent.addAll(a.drain());
        return sent;
    }

    private static SessionPair granted(TestDb left, TestDb right, Rights rights) {
        return SessionPair.granted(left, right, rights, LIMITS).run();
    }

    private static List<Cid> cids(TestDb db) {
        List<Cid> all = new ArrayList<>();
        try (Snapshot snapshot = db.replica().snapshot()) {
            snapshot.eventsSince(List.of()).forEachRemaining(all::add);
        }
        return all;
    }

    private static Message diff(TestDb db) {
        return Message.text("{\"clock\":" + json(db.heads()) + ",\"cids\":" + json(cids(db)) + "}");
    }

    private static String json(List<Cid> cids) {
        StringBuilder text = new StringBuilder("[");
        for (Cid cid : cids) {
            text.append(text.length() == 1 ? "\"" : ",\"").append(cid).append('"');
        }
        return text.append(']').toString();
    }

    /** All its events. */
    private static Message car(TestDb db) {
        return car(db, cids(db));
    }

    /** The last event alone, which waits for its ancestors unless they are there. */
    private static Message head(TestDb db) {
        List<Cid> all = cids(db);
        return car(db, all.subList(all.size() - 1, all.size()));
    }

    private static Message car(TestDb db, List<Cid> events) {
        List<Block> blocks = new ArrayList<>();
        try (Snapshot snapshot = db.replica().snapshot()) {
            events.forEach(cid -> blocks.add(snapshot.block(cid)));
        }
        return Message.binary(CarWriter.encode(List.of(events.get(events.size() - 1)), blocks));
    }

    private static String recording(List<Message> messages) {
        StringBuilder all = new StringBuilder();
        for (Message m : messages) {
            all.append(m.kind()).append(' ').append(latin(m.payload())).append('\n');
        }
        return all.toString();
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
