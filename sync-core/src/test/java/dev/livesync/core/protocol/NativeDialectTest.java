package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.SessionStatus;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.transport.Message;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.grant.Rights;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The native dialect's own rules; what all dialects promise is in {@link SimulationTest}. */
class NativeDialectTest {
    private static final long HELD_BACK = 250_000_000L;
    private static final byte ACK = 0x02;
    private static final byte AGAIN = 0x0a;
    private static final byte WANT_ACK = 0x0b;
    private static final byte RECONCILE = 0x11;
    private static final byte OK = 0x12;
    private static final byte PACK = 0x13;

    private static SessionPair pair(TestDb left, TestDb right) {
        return new SessionPair(left, right, ManualSession.NATIVE, ProtocolLimits.DEFAULT, 1 << 20);
    }

    private static SessionPair granted(TestDb left, TestDb right, Rights rights) {
        return new SessionPair(
                left,
                right,
                ManualSession.config(ManualSession.NATIVE, true, ProtocolLimits.DEFAULT, 1 << 20, rights),
                ManualSession.config(ManualSession.NATIVE, ProtocolLimits.DEFAULT, 1 << 20));
    }

    private static ManualSession initiator(TestDb db) {
        return new ManualSession(
                db.replica(), ManualSession.config(ManualSession.NATIVE, ProtocolLimits.DEFAULT, 1 << 20));
    }

    private static ManualSession responder(TestDb db) {
        return new ManualSession(
                db.replica(), ManualSession.config(ManualSession.NATIVE, true, ProtocolLimits.DEFAULT, 1 << 20));
    }

    private static long bytes(List<Message> messages) {
        return messages.stream().mapToLong(Message::size).sum();
    }

    private static List<Message> ofType(List<Message> messages, byte type) {
        return messages.stream().filter(m -> m.payload()[0] == type).toList();
    }

    /** Two that had the same and then wrote five documents each. */
    private static SessionPair fork(int documents) {
        TestDb left = Docs.fill(new NaiveReplica(), documents);
        TestDb right = new NaiveReplica();
        pair(left, right).run().assertEqual();
        for (int i = 0; i < 5; i++) {
            left.put("left" + i, Docs.number(i));
            right.put("right" + i, Docs.number(i));
        }
        SessionPair pair = pair(left, right).run();
        pair.assertEqual();
        return pair;
    }

    @Test
    void aForkCostsWhatDiffersAndNotWhatIsThere() {
        SessionPair small = fork(300);
        SessionPair large = fork(2_400);
        for (SessionPair pair : List.of(small, large)) {
            assertThat(pair.a.protocol.statistics().eventsSent()).isEqualTo(5);
            assertThat(pair.b.protocol.statistics().eventsSent()).isEqualTo(5);
        }
        long ofSmall = bytes(small.fromA) + bytes(small.fromB);
        long ofLarge = bytes(large.fromA) + bytes(large.fromB);
        assertThat(ofLarge).isLessThan(2_500);
        assertThat(ofLarge - ofSmall).as("for three more steps back").isBetween(0L, 250L);
    }

    @Test
    void theInitiatorSaysOneThingAndTheResponderNothingBefore() {
        ManualSession b = initiator(Docs.fill(new NaiveReplica(), 20));
        ManualSession a = responder(new NaiveReplica());
        assertThat(a.open()).isEmpty();
        List<Message> opening = b.open();
        assertThat(opening).hasSize(1);
        assertThat(opening.get(0).payload()[0]).isEqualTo(RECONCILE);
    }

    @Test
    void acksAreMergedUnlessSomebodyWaits() {
        SessionPair pair =
                pair(Docs.fill(new NaiveReplica(), 3), new NaiveReplica()).run();
        ManualSession a = pair.a;
        ManualSession b = pair.b;
        a.pass(10 * HELD_BACK);
        b.pass(10 * HELD_BACK);
        List<Message> acks = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            pair.left.put("doc", Docs.number(i));
            for (Message pack : a.settle()) {
                acks.addAll(ofType(b.deliver(pack), ACK));
            }
        }
        assertThat(acks).as("of ten changes at once, the first").hasSize(1);
        assertThat(ofType(b.pass(HELD_BACK), ACK)).as("and the others together").hasSize(1);

        pair.left.put("doc", Docs.text("waited for"));
        List<@Nullable SyncException> told = new ArrayList<>();
        List<Message> sent = new ArrayList<>(a.settle());
        a.protocol.deliver(pair.left.heads(), told::add, a.now);
        sent.addAll(a.settle());
        assertThat(ofType(sent, WANT_ACK)).hasSize(1);
        acks.clear();
        sent.forEach(message -> acks.addAll(ofType(b.deliver(message), ACK)));
        assertThat(acks).hasSize(1);
        a.deliver(acks.get(0));
        assertThat(told).as("delivered without waiting").hasSize(1).containsOnlyNulls();
    }

    @Test
    void whoIsAskedAgainBeginsAgainButNotForEver() {
        TestDb same = Docs.fill(new NaiveReplica(), 20);
        ManualSession a = responder(same);
        ManualSession b = initiator(same);
        a.open();
        Message opening = b.open().get(0);
        assertThat(b.deliver(Message.binary(new byte[] {AGAIN})))
                .as("a wish that has crossed the opening")
                .isEmpty();
        int openings = 0;
        for (int i = 0; i < 50; i++) {
            if (opening != null) {
                a.deliver(opening).forEach(b::deliver);
            }
            List<Message> said = ofType(b.deliver(Message.binary(new byte[] {AGAIN})), RECONCILE);
            opening = said.isEmpty() ? null : said.get(0);
            openings += said.size();
        }
        assertThat(openings).isEqualTo(8);
        assertThat(b.failure).isNull();
    }

    /** What a wrong guess at one end looks like at the other: the answer is complete and something is missing. */
    @Test
    void anAnswerThatLeavesSomethingOutIsAskedForAgainWithTheNextAttempt() {
        TestDb full = Docs.fill(new NaiveReplica(), 30);
        TestDb empty = new NaiveReplica();
        ManualSession a = responder(full);
        ManualSession b = initiator(empty);
        a.open();
        Deque<Message> toB = new ArrayDeque<>(a.deliver(b.open().get(0)));
        Message ok = toB.removeLast();
        assertThat(ok.payload()[0]).isEqualTo(OK);
        Message pack = toB.removeLast();
        assertThat(pack.payload()[0]).isEqualTo(PACK);
        toB.forEach(b::deliver);
        List<Message> again = new ArrayList<>(b.deliver(ok));
        assertThat(ofType(again, RECONCILE)).hasSize(1);
        assertThat(ofType(again, RECONCILE).get(0).payload()[3])
                .as("its attempt")
                .isEqualTo((byte) 1);
        assertThat(b.backlogDone).isFalse();
        again.addAll(b.deliver(pack));
        for (Message message : again) {
            for (Message answer : a.deliver(message)) {
                b.deliver(answer).forEach(a::deliver);
            }
        }
        assertThat(b.backlogDone).isTrue();
        assertThat(a.backlogDone).isTrue();
        assertThat(empty.documents()).isEqualTo(full.documents());
    }

    /** What is still on its way in one that was given up, is not taken for the next one's. */
    @Test
    void wheneverTheInitiatorBeginsAnewBothGoOnFromThere() {
        for (int after = 0; after < 12; after++) {
            TestDb left = new NaiveReplica();
            TestDb right = new NaiveReplica();
            Docs.fill(left, 900);
            right.put("mine", Docs.number(1));
            Docs.fill(right, 700);
            ManualSession a = responder(left);
            ManualSession b = initiator(right);
            Deque<Message> toA = new ArrayDeque<>(b.open());
            Deque<Message> toB = new ArrayDeque<>(a.open());
            int toBefore = after;
            while (!toA.isEmpty() || !toB.isEmpty()) {
                if (!toB.isEmpty()) {
                    if (toBefore-- == 0) {
                        toA.addAll(b.deliver(Message.binary(new byte[] {AGAIN})));
                    }
                    toA.addAll(b.deliver(toB.remove()));
                }
                if (!toA.isEmpty()) {
                    toB.addAll(a.deliver(toA.remove()));
                }
            }
            assertThat(a.failure).as("%d messages before", after).isNull();
            assertThat(b.failure).as("%d messages before", after).isNull();
            assertThat(left.documents()).as("%d messages before", after).isEqualTo(right.documents());
            assertThat(left.documents()).containsKey("mine");
        }
    }

    @Test
    void theNumbersOfReconciliationsAreHeld() {
        TestDb same = Docs.fill(new NaiveReplica(), 3);
        byte[] opening = initiator(same).open().get(0).payload();
        for (int number : new int[] {0, 2, 3}) {
            ManualSession a = responder(same);
            a.open();
            byte[] other = opening.clone();
            other[1] = (byte) number;
            a.deliver(Message.binary(other));
            assertThat(a.failure).as("%d", number).isNotNull();
            assertThat(a.failure.kind()).isEqualTo(ErrorKind.MALFORMED);
            assertThat(a.failure).hasMessageContaining("reconciliation " + number);
        }
        ManualSession a = responder(same);
        a.open();
        for (int number = 1; number <= 10; number++) {
            byte[] next = opening.clone();
            next[1] = (byte) number;
            assertThat(ofType(a.deliver(Message.binary(next)), RECONCILE))
                    .as("%d", number)
                    .hasSize(1);
        }
        byte[] next = opening.clone();
        next[1] = 11;
        a.deliver(Message.binary(next));
        assertThat(a.failure.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
    }

    /** As after a restore: what was sent is not known any more, so both say once more what they have. */
    @Test
    void whereTheFeedIsForgottenTheyReconcileOnceMore() {
        for (boolean equal : new boolean[] {true, false}) {
            for (boolean ofResponder : new boolean[] {true, false}) {
                NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
                NaiveReplica right = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
                SessionPair pair =
                        equal ? startingEqual(left, right) : pair(left, right).run();
                NaiveReplica writer = ofResponder ? left : right;
                writer.put("one", Docs.number(1));
                writer.expireCursors();
                (ofResponder ? right : left).put("two", Docs.number(2));
                pair.run().assertEqual();
                assertThat(left.documents()).hasSize(52);
                assertThat(pair.a.failure).isNull();
                assertThat(pair.b.failure).isNull();
                right.put("three", Docs.number(3));
                left.put("four", Docs.number(4));
                pair.run().assertEqual();
            }
        }
    }

    /** What the peer was sent is no longer known, so only a new session finds out what it lacks: nobody is sent everything. */
    @Test
    void whereHistoryIsLostTheSessionBeginsAnew() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
        NaiveReplica right = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
        SessionPair pair = startingEqual(left, right);
        left.put("lost", Docs.number(1));
        pair.run().assertEqual();
        pair.fromA.clear();

        left.restore((NaiveReplica) Docs.fill(new NaiveReplica(), 50));
        pair.run();

        assertThat(pair.a.failure).isNotNull();
        assertThat(pair.a.failure.kind()).isEqualTo(ErrorKind.CURSOR_EXPIRED);
        assertThat(pair.a.failure).hasMessageContaining("lost");
        assertThat(pair.b.failure).isNotNull();
        assertThat(pair.b.failure.kind().isTransient()).isTrue();
        assertThat(bytes(ofType(pair.fromA, PACK))).isZero();
        pair(left, right).run().assertEqual();
        assertThat(left.documents()).containsKey("lost");
    }

    private static SessionPair remembering(NaiveReplica left, NaiveReplica right) {
        return new SessionPair(
                left,
                right,
                ManualSession.config(ManualSession.NATIVE, true, ProtocolLimits.DEFAULT, 1 << 20),
                ManualSession.with(
                        left.frontiers.instance,
                        ManualSession.config(ManualSession.NATIVE, ProtocolLimits.DEFAULT, 1 << 20)));
    }

    private static long reconciliation(SessionPair pair) {
        return bytes(ofType(pair.fromA, RECONCILE)) + bytes(ofType(pair.fromB, RECONCILE));
    }

    private static void writeAtBoth(NaiveReplica left, NaiveReplica right, String what) {
        for (int i = 0; i < 30; i++) {
            left.put(what + "left" + i, Docs.number(i));
            right.put(what + "right" + i, Docs.number(i));
        }
    }

    @Test
    void whatThePeerIsRememberedToHaveNeedNotBeFound() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 2_000);
        NaiveReplica right = new NaiveReplica();
        remembering(left, right).run().assertEqual();
        assertThat(right.frontiers.frontiers).containsExactly(Map.entry(1L, left.heads()));
        writeAtBoth(left, right, "");
        SessionPair pair = remembering(left, right).run();
        pair.assertEqual();
        assertThat(reconciliation(pair)).isLessThan(200);
        assertThat(pair.a.protocol.statistics().eventsSent()).isEqualTo(30);
        assertThat(pair.b.protocol.statistics().eventsSent()).isEqualTo(30);
        right.put("live", Docs.number(1));
        pair.run().assertEqual();
        assertThat(right.frontiers.frontiers).as("live changes count").containsExactly(Map.entry(1L, right.heads()));
    }

    /** A restored backup and a clone have the old number and another history, and somebody may say another's number. */
    @Test
    void whatIsRememberedOfAnotherCopyIsNotBelieved() {
        for (int kind = 0; kind < 3; kind++) {
            NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 2_000);
            NaiveReplica right = new NaiveReplica();
            NaiveReplica backup = new NaiveReplica();
            pair(left, backup).run().assertEqual();
            writeAtBoth(left, right, "first");
            remembering(left, right).run().assertEqual();
            writeAtBoth(left, right, "then");
            if (kind == 1) {
                writeAtBoth(backup, new NaiveReplica(), "clone's");
            }
            NaiveReplica other = kind == 2 ? new NaiveReplica() : backup;
            NaiveReplica forgetful = new NaiveReplica();
            pair(right, forgetful).run().assertEqual();
            NaiveReplica same = new NaiveReplica();
            pair(other, same).run().assertEqual();
            SessionPair honest = pair(same, forgetful).run();

            SessionPair pair = remembering(other, right).run();
            pair.assertEqual();
            assertThat(right.documents()).isEqualTo(forgetful.documents()).isEqualTo(other.documents());
            long more = reconciliation(pair) - reconciliation(honest);
            assertThat(more)
                    .as("kind %d: one question and one answer more", kind)
                    .isBetween(1L, 250L);
            assertThat(pair.a.protocol.statistics().eventsSent())
                    .isEqualTo(honest.a.protocol.statistics().eventsSent());
            assertThat(pair.b.protocol.statistics().eventsSent())
                    .isEqualTo(honest.b.protocol.statistics().eventsSent());
        }
    }

    /** Both have to take the same events for known, before the first pack: those of the first question, not of the second. A simulated world found it, seed 1000135. */
    @Test
    void whatIsWrittenWhileSomethingWrongIsRememberedDoesNotPartThem() {
        for (int step = 0; step < 12; step++) {
            NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 200);
            NaiveReplica right = new NaiveReplica();
            NaiveReplica backup = new NaiveReplica();
            pair(left, backup).run().assertEqual();
            writeAtBoth(left, right, "first");
            remembering(left, right).run().assertEqual();
            right.put("then", Docs.number(step));
            SessionPair pair = remembering(backup, right).steps(step);
            backup.put("here", Docs.number(step));
            right.put("there", Docs.number(step));
            pair.run();
            assertThat(pair.a.failure).as("step %d", step).isNull();
            assertThat(pair.b.failure).as("step %d", step).isNull();
            pair.assertEqual();
        }
    }

    /**
     * Two events were mined whose narrow ids are the same under the salt of these sessions, which nobody could know before a real one. Each end
     * takes the other's for its own, until what builds on it is here and it is not.
     */
    @Test
    void whoKnowsTheSaltCanMakeEventsThatCostAnAttemptAndNoData() {
        TestDb left = Docs.fill(new NaiveReplica(), 10);
        TestDb right = new NaiveReplica();
        pair(left, right).run().assertEqual();
        mined(left, 8_046_182);
        left.put("left", Docs.number(1));
        mined(right, 30_604_267);
        right.put("right", Docs.number(2));
        SessionPair pair = pair(left, right).run();
        pair.assertEqual();
        assertThat(left.documents())
                .containsKeys("mined-007ac666", "mined-01d2fbeb", "left", "right")
                .hasSize(14);
        List<Integer> attempts = ofType(pair.fromB, RECONCILE).stream()
                .filter(m -> m.payload()[2] == 1)
                .map(m -> (int) m.payload()[3])
                .toList();
        assertThat(attempts).as("openings").containsExactly(0, 1);
    }

    private static void mined(TestDb db, int number) {
        Event event = Events.put(
                Keys.ofId("mined-%08x".formatted(number)),
                Encoded.of(new Value.Mapping(Map.of("v", new Value.Int(1)))),
                Cid.hash(Cid.DAG_CBOR, new byte[] {0}),
                List.of());
        db.replica().commit(new Commit(List.of(), List.of(event), Origin.LOCAL));
    }

    private static SessionPair startingEqual(NaiveReplica left, NaiveReplica right) {
        return new SessionPair(
                left,
                right,
                ManualSession.startingAt(
                        ManualSession.clock(left),
                        ManualSession.config(ManualSession.NATIVE, true, ProtocolLimits.DEFAULT, 1 << 20)),
                ManualSession.startingAt(
                        ManualSession.clock(right),
                        ManualSession.config(ManualSession.NATIVE, ProtocolLimits.DEFAULT, 1 << 20)));
    }

    /** Whoever closes at once delivers what it has, however far the reconciliation has come. */
    @Test
    void closedAtAnyStepBothEndInOrderAndWhatWasWrittenArrives() {
        for (int steps = 0; steps < 12; steps++) {
            for (boolean left : new boolean[] {true, false}) {
                TestDb here = Docs.fill(new NaiveReplica(), 90);
                TestDb there = new NaiveReplica();
                here.put("ours", Docs.number(1));
                there.put("theirs", Docs.number(2));
                SessionPair pair = pair(here, there);
                pair.a.protocol.open(pair.a.now);
                pair.b.protocol.open(pair.b.now);
                for (int i = 0; i < steps; i++) {
                    pair.step();
                }
                ManualSession closing = left ? pair.a : pair.b;
                closing.protocol.close(closing.now);
                while (pair.step()) {
                    // On.
                }
                String what = (left ? "responder" : "initiator") + " closes after " + steps;
                assertThat(pair.a.ended && pair.b.ended).as(what).isTrue();
                TestDb other = left ? there : here;
                if (closing.end == null) {
                    assertThat(other.documents()).as(what).containsKey(left ? "ours" : "theirs");
                }
                assertThat(((NaiveReplica) here).openSnapshots()).as(what).isZero();
                assertThat(((NaiveReplica) there).openSnapshots()).as(what).isZero();
            }
        }
    }

    @Test
    void aReadOnlyPeersPacksAreRefused() {
        TestDb left = Docs.fill(new NaiveReplica(), 5);
        TestDb right = new NaiveReplica();
        SessionPair pair = granted(left, right, Rights.READ).run();
        assertThat(right.documents()).isEqualTo(left.documents());
        right.put("mine", Docs.text("x"));
        left.put("later", Docs.text("y"));
        pair.run();
        assertThat(left.documents()).doesNotContainKey("mine").hasSize(6);
        assertThat(right.documents()).containsKeys("mine", "later");
        assertThat(pair.b.rights).isEqualTo(Rights.READ);
    }

    @Test
    void whoHasAnsweredHasSyncedThoughTheTwoDiffer() {
        TestDb right = new NaiveReplica();
        right.put("mine", Docs.text("x"));
        SessionPair pair =
                granted(Docs.fill(new NaiveReplica(), 5), right, Rights.READ).run();
        assertThat(pair.a.equal).isFalse();
        assertThat(pair.a.statuses).contains(SessionStatus.SENDING_DIFF_CAR).endsWith(SessionStatus.FULL_SYNCED);
    }

    /** The oracle knows nothing of the protocol: whatever the database holds, a write-only peer gets the same bytes. */
    @Test
    void aWriteOnlyPeerIsSentTheSameWhateverIsThere() {
        for (long seed = 1; seed <= 60; seed++) {
            List<String> one = probe(seed, 0);
            assertThat(one).as("seed %d", seed).isEqualTo(probe(seed, 1 + (int) (seed % 40)));
        }
    }

    private static List<String> probe(long seed, int documents) {
        Random random = new Random(seed);
        TestDb left = Docs.fill(new NaiveReplica(), documents);
        TestDb right = new NaiveReplica();
        for (int i = random.nextInt(90); i > 0; i--) {
            right.put("mine" + i, Docs.number(random.nextInt()));
        }
        SessionPair pair = granted(left, right, Rights.WRITE).run();
        for (int i = 0; i < 5; i++) {
            if (documents > 0) {
                left.put("secret" + random.nextInt(5), Docs.number(i));
            } else {
                random.nextInt(5);
            }
            right.put("mine" + random.nextInt(5), Docs.number(i));
            pair.run();
        }
        assertThat(left.documents().keySet()).containsAll(right.documents().keySet());
        assertThat(right.documents().keySet()).allMatch(id -> id.startsWith("mine"));
        assertThat(pair.b.equal).isFalse();
        return pair.fromA.stream()
                .map(m -> HexFormat.of().formatHex(m.payload()))
                .toList();
    }

    /** A peer that owes no answer, answers pings and says no more must not hold a snapshot for ever. */
    @Test
    void whoStopsInTheMiddleOfAReconciliationIsGivenUp() {
        TestDb left = new NaiveReplica();
        TestDb right = new NaiveReplica();
        Docs.fill(left, 900);
        right.put("mine", Docs.number(1));
        Docs.fill(right, 700);
        // One that may only read: nothing of its own is waited for.
        ManualSession a = new ManualSession(
                left.replica(),
                ManualSession.config(ManualSession.NATIVE, true, ProtocolLimits.DEFAULT, 1 << 20, Rights.READ));
        a.open();
        Message opening = initiator(right).open().get(0);
        assertThat(ofType(a.deliver(opening), PACK))
                .as("packs before all is said")
                .isEmpty();
        a.deliver(Message.binary(new byte[] {OK}));
        long phase = ProtocolTimes.DEFAULT.phase().toSeconds();
        for (int i = 0; i <= phase && a.failure == null; i++) {
            a.pass(1_000_000_000L);
            if (a.failure == null) {
                a.deliver(Message.binary(new byte[] {0x20}));
            }
        }
        assertThat(a.failure).isNotNull();
        assertThat(a.failure.kind()).isEqualTo(ErrorKind.TIMEOUT);
        assertThat(a.failure).hasMessageContaining("has not said what it lacks");
        assertThat(((NaiveReplica) left).openSnapshots()).isZero();
    }

    @Test
    void whatMayNotComeIsMalformed() {
        for (String hex :
                List.of("", "00", "0c", "1001", "1000", "0900", "13", "1300", "11", "1109", "1f", "40", "ff")) {
            ManualSession a = responder(Docs.fill(new NaiveReplica(), 3));
            a.open();
            a.deliver(Message.binary(HexFormat.of().parseHex(hex)));
            assertThat(a.failure).as(hex).isNotNull();
            assertThat(a.failure.kind()).as(hex).isEqualTo(ErrorKind.MALFORMED);
        }
        ManualSession a = responder(new NaiveReplica());
        a.open();
        a.deliver(Message.binary(HexFormat.of().parseHex("09ffffffff7f")));
        assertThat(a.failure.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        ManualSession b = initiator(Docs.fill(new NaiveReplica(), 3));
        Message opening = b.open().get(0);
        b.deliver(opening);
        assertThat(b.failure).as("the responder began").isNotNull();
        assertThat(b.failure.kind()).isEqualTo(ErrorKind.MALFORMED);
    }

    @Test
    void aTextIsTheErrorOfWhoDismissesUsAndNothingElse() {
        ManualSession a = responder(new NaiveReplica());
        a.open();
        a.deliver(Message.text("{\"error\":{\"kind\":\"REFUSED\",\"message\":\"too many sessions\"}}"));
        assertThat(a.failure.kind()).isEqualTo(ErrorKind.REFUSED);
        assertThat(a.failure).hasMessageContaining("too many sessions");
        ManualSession b = responder(new NaiveReplica());
        b.open();
        b.deliver(Message.text("{\"ok\":true}"));
        assertThat(b.failure.kind()).isEqualTo(ErrorKind.MALFORMED);
    }

    @Test
    void aDocumentLargerThanAMessageTravelsInPieces() {
        TestDb left = new NaiveReplica();
        left.put("large", Docs.bytes(300_000));
        TestDb right = new NaiveReplica();
        SessionPair pair = new SessionPair(left, right, ManualSession.NATIVE, ProtocolLimits.DEFAULT, 20_000).run();
        pair.assertEqual();
        assertThat(ofType(pair.fromA, PACK)).isEmpty();
        assertThat(pair.fromA).allMatch(m -> m.size() <= 20_000);
        assertThat(right.documents()).containsEntry("large", Docs.bytes(300_000));
    }
}
