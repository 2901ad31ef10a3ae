package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Value;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.ControlText;
import dev.livesync.core.message.Feature;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Alphas behind a shim that takes and gives messages in pieces. */
class AlphaPiecesTest {
    private static final Set<Feature> FEATURES = Set.of(Feature.FRAGMENTS);
    private static final int ROOM = 262_127;
    private static final Message EMPTY_DIFF = Message.text("{\"clock\":[],\"cids\":[]}");

    private static ManualSession session(TestDb db) {
        return new ManualSession(db.replica(), ManualSession.config(FEATURES, ProtocolLimits.DEFAULT, ROOM));
    }

    private static ManualSession session(TestDb db, Budget.Share in) {
        Budget.Share out = Budget.unlimited().share(() -> {});
        return new ManualSession(
                db.replica(), ManualSession.config(FEATURES, ProtocolLimits.DEFAULT, ROOM), new Memory(in, out));
    }

    private static void exchange(ManualSession a, ManualSession b) {
        Deque<Message> toB = new ArrayDeque<>(a.open());
        Deque<Message> toA = new ArrayDeque<>(b.open());
        while (!toA.isEmpty() || !toB.isEmpty()) {
            if (!toB.isEmpty()) {
                toA.addAll(b.deliver(toB.remove()));
            }
            if (!toA.isEmpty()) {
                toB.addAll(a.deliver(toA.remove()));
            }
        }
    }

    /** What an end with that database sends to an empty one that asks. */
    private static List<Message> answer(TestDb db) {
        ManualSession sender = session(db);
        sender.open();
        List<Message> sent = new ArrayList<>(sender.deliver(EMPTY_DIFF));
        assertThat(sender.failure).isNull();
        return sent;
    }

    @Test
    void aDocumentThatNoMessageCarriesGoesBothWays() {
        TestDb left = new EmbeddedDb();
        TestDb right = new EmbeddedDb();
        left.put("left", Docs.bytes(2_000_000));
        right.put("right", Docs.bytes(3_000_000));
        exchange(session(left), session(right));
        assertThat(left.heads()).isEqualTo(right.heads());
        assertThat(left.documents()).isEqualTo(right.documents()).hasSize(2);
    }

    @Test
    void noMessageIsLargerThanTheChannelTakesAndWhatFitsGoesWhole() {
        TestDb db = Docs.fill(new EmbeddedDb(), 100);
        assertThat(answer(db)).hasSize(1);
        db.put("large", Docs.bytes(1_000_000));
        List<Message> sent = answer(db);
        assertThat(sent).allMatch(message -> message.size() <= ROOM);
        assertThat(sent.stream().filter(message -> message.kind() == Message.Kind.TEXT))
                .as("announced: the event, and the leaf of the tree, which holds the document as well")
                .hasSize(2);
    }

    /** Pieces may look like texts, and an alpha's list of blocks comes in pieces, too. */
    @Test
    void piecesOfAnySize() {
        SplittableRandom random = new SplittableRandom(17);
        TestDb left = Docs.fill(new EmbeddedDb(), 400);
        left.put("text", new Value.Mapping(Map.of("t", new Value.Text("{\"ok\":true}".repeat(20_000)))));
        TestDb right = new EmbeddedDb();
        ManualSession b = session(right);
        b.open();
        ManualSession a = session(left);
        List<Message> sent = new ArrayList<>(a.open());
        sent.addAll(a.deliver(EMPTY_DIFF));
        assertThat(sent).hasSizeGreaterThan(1);
        for (Message message : sent) {
            assertThat(message.size()).isGreaterThan(1);
            b.deliver(ControlText.begin(message.kind(), message.size()));
            for (int at = 0; at < message.size(); ) {
                int end = Math.min(message.size(), at + 1 + random.nextInt(at < 1_000 ? 3 : 50_000));
                b.deliver(Message.binary(Arrays.copyOfRange(message.payload(), at, end)));
                at = end;
            }
        }
        assertThat(b.failure).isNull();
        assertThat(right.heads()).isEqualTo(left.heads());
        assertThat(right.documents()).isEqualTo(left.documents());
    }

    @Test
    void moreThanIsTakenIsRefusedWhenItIsAnnounced() {
        ManualSession s = session(new EmbeddedDb());
        s.open();
        s.deliver(ControlText.begin(Message.Kind.BINARY, ProtocolLimits.DEFAULT.messageBytes() + 1));
        assertThat(s.failure).isNotNull();
        assertThat(s.failure.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
    }

    /** Of two that bring more than there is memory for, one at a time goes on, and neither is held to its time meanwhile. */
    @Test
    void whoFindsNoMemoryWaitsAndGoesOn() {
        TestDb large = new EmbeddedDb();
        large.put("large", Docs.bytes(5_000_000));
        List<Message> sent = answer(large);
        Budget budget = new Budget(2_000_000);
        TestDb first = new EmbeddedDb();
        TestDb second = new EmbeddedDb();
        ManualSession a = session(first, budget.share(() -> {}));
        List<ManualSession> called = new ArrayList<>();
        ManualSession[] b = new ManualSession[1];
        b[0] = session(second, budget.share(() -> called.add(b[0])));
        for (ManualSession each : List.of(a, b[0])) {
            each.open();
            each.deliver(EMPTY_DIFF);
        }
        int toA = 0;
        int toB = 0;
        while (toA < sent.size() - 1 && a.requested > 0) {
            a.deliver(sent.get(toA++));
        }
        while (toB < sent.size() - 1 && b[0].requested > 0) {
            b[0].deliver(sent.get(toB++));
        }
        assertThat(toA).isEqualTo(sent.size() - 1);
        assertThat(toB).as("the other waits").isLessThan(10);
        assertThat(budget.taken()).isLessThan(5_000_000 + 2_000_000);
        b[0].pass(ProtocolTimes.DEFAULT.phase().toNanos() * 3);
        assertThat(b[0].failure).isNull();

        a.deliver(sent.get(toA));
        assertThat(first.documents()).isEqualTo(large.documents());
        assertThat(called).isNotEmpty();
        while (toB < sent.size()) {
            if (b[0].requested == 0) {
                b[0].protocol.memoryFreed(b[0].now);
            }
            b[0].deliver(sent.get(toB++));
        }
        assertThat(second.documents()).isEqualTo(large.documents());
        assertThat(budget.taken()).as("everything was given back").isZero();
    }

    @Test
    void whatIsHeldForAMessageIsGivenBackWhenTheSessionEnds() {
        Budget budget = new Budget(2_000_000);
        ManualSession s = session(new EmbeddedDb(), budget.share(() -> {}));
        s.open();
        s.deliver(ControlText.begin(Message.Kind.BINARY, 1_500_000));
        assertThat(budget.taken()).isBetween(900_000L, 1_100_000L);
        s.cut();
        assertThat(budget.taken()).isZero();
    }
}
