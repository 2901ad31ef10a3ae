package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Feature;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What sessions send, where others have all the memory: small changes go, large ones wait their turn. */
class OutgoingMemoryTest {
    private static final int TOTAL = 1 << 20;
    private static final int LARGE = 200_000;
    private static final long OWN = 64 << 10;

    /** What a session keeps of the packs of both directions. */
    private static final long TABLES = 100_000;

    private final Budget budget = new Budget(TOTAL);
    private final Budget.Share others = budget.share(() -> {});
    private int turns;

    static List<Set<Feature>> dialects() {
        return List.of(ManualSession.NATIVE, ManualSession.ALL);
    }

    private ManualSession session(TestDb db, Set<Feature> features, Budget.Share out) {
        ProtocolConfig config = ManualSession.config(features, true, ProtocolLimits.DEFAULT, 1 << 20);
        Budget.Share in = Memory.promise(Budget.unlimited(), ProtocolLimits.DEFAULT.window());
        return new ManualSession(db.replica(), config, new Memory(in, out));
    }

    private static long bytes(List<Message> messages) {
        return messages.stream().mapToLong(Message::size).sum();
    }

    /** Exchanges what there is to say, and returns what the first end said. */
    private static List<Message> exchange(ManualSession a, ManualSession b) {
        return exchange(a, b, a.settle(), b.settle());
    }

    private static List<Message> exchange(
            ManualSession a, ManualSession b, List<Message> firstA, List<Message> firstB) {
        List<Message> fromA = new ArrayList<>();
        Deque<Message> toB = new ArrayDeque<>(firstA);
        Deque<Message> toA = new ArrayDeque<>(firstB);
        while (!toA.isEmpty() || !toB.isEmpty()) {
            if (!toB.isEmpty()) {
                fromA.add(toB.element());
                toA.addAll(b.deliver(toB.remove()));
            }
            if (!toA.isEmpty()) {
                toB.addAll(a.deliver(toA.remove()));
            }
        }
        return fromA;
    }

    @ParameterizedTest
    @MethodSource("dialects")
    void smallChangesDoNotWaitForMemoryAndLargeOnesDo(Set<Feature> features) {
        TestDb left = Docs.fill(new EmbeddedDb(), 1_000);
        TestDb right = new EmbeddedDb();
        Budget.Share out = budget.share(() -> turns++);
        ManualSession a = session(left, features, out);
        ManualSession b =
                new ManualSession(right.replica(), ManualSession.config(features, ProtocolLimits.DEFAULT, 1 << 20));
        assertThat(others.take(TOTAL, TOTAL)).isEqualTo(TOTAL);

        exchange(a, b, a.open(), b.open());
        assertThat(right.heads()).as("an answer goes in small sections").isEqualTo(left.heads());

        left.put("small", Docs.number(1));
        assertThat(bytes(exchange(a, b))).isBetween(1L, 1_000L);
        assertThat(right.heads()).isEqualTo(left.heads());
        assertThat(budget.taken()).as("but for tables").isBetween((long) TOTAL, TOTAL + TABLES);

        // Somebody else has been given more than there is, so this one waits.
        Budget.Share first = budget.share(() -> {});
        assertThat(first.take(1_000, 1_000)).isEqualTo(1_000);
        left.put("large", Docs.bytes(LARGE));
        assertThat(bytes(exchange(a, b))).isLessThan(100);
        assertThat(out.waits()).isTrue();
        assertThat(turns).isZero();
        left.put("behind", Docs.number(2));
        assertThat(bytes(exchange(a, b))).as("in order").isLessThan(100);

        first.close();
        assertThat(turns).isEqualTo(1);
        a.protocol.memoryFreed(a.now);
        assertThat(bytes(exchange(a, b))).isGreaterThan(LARGE);
        assertThat(right.heads()).isEqualTo(left.heads());
        assertThat(out.waits()).isFalse();
        assertThat(budget.taken()).as("everything was given back").isBetween((long) TOTAL, TOTAL + TABLES);
        a.protocol.abandon();
        assertThat(budget.taken()).as("the tables, too").isEqualTo(TOTAL);
    }

    /** Histories without an event in common, so that every one has to be compared. */
    private static TestDb other(int documents) {
        TestDb db = new EmbeddedDb();
        db.put("first", Docs.number(documents));
        return Docs.fill(db, documents);
    }

    @Test
    void comparingManyEventsNeedsMemoryAndIsRefusedWithoutIt() {
        TestDb left = other(20_000);
        TestDb right = other(10_000);
        ProtocolConfig initiator = ManualSession.config(ManualSession.NATIVE, ProtocolLimits.DEFAULT, 1 << 20);
        others.take(TOTAL, TOTAL);
        Budget.Share first = budget.share(() -> {});
        assertThat(first.take(1_000, 1_000)).isEqualTo(1_000);
        ManualSession a = session(left, ManualSession.NATIVE, budget.share(() -> {}));
        a.open();
        ManualSession b = new ManualSession(right.replica(), initiator);
        b.open().forEach(a::deliver);
        assertThat(a.failure).isNotNull();
        assertThat(a.failure.kind()).isEqualTo(ErrorKind.REFUSED);
        assertThat(a.failure.kind().isTransient()).isTrue();
        a.protocol.abandon();
        assertThat(budget.taken()).isEqualTo(TOTAL + 1_000);

        first.close();
        ManualSession again = session(left, ManualSession.NATIVE, budget.share(() -> {}));
        again.open();
        ManualSession caller = new ManualSession(right.replica(), initiator);
        List<Message> reply = new ArrayList<>();
        caller.open().forEach(message -> reply.addAll(again.deliver(message)));
        assertThat(budget.taken()).as("tables of ids").isGreaterThan(TOTAL + 8L * 20_000 - OWN);
        exchange(again, caller, reply, List.of());
        assertThat(left.heads()).isEqualTo(right.heads());
        assertThat(budget.taken()).as("what was compared is forgotten").isBetween((long) TOTAL, TOTAL + TABLES);
    }
}
