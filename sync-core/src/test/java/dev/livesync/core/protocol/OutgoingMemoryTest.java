package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Feature;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What sessions send, where others have all the memory: small changes go, large ones wait their turn. */
class OutgoingMemoryTest {
    private static final int TOTAL = 1 << 20;
    private static final int LARGE = 200_000;

    private final Budget budget = new Budget(TOTAL);
    private final Budget.Share others = budget.share(() -> {});
    private int turns;

    static List<Set<Feature>> dialects() {
        return List.of(ManualSession.NATIVE, ManualSession.ALL);
    }

    private ManualSession session(TestDb db, Set<Feature> features, Budget.Share out) {
        ProtocolConfig config = ManualSession.config(features, true, ProtocolLimits.DEFAULT, 1 << 20);
        Budget.Share in = Budget.unlimited().share(() -> {});
        return new ManualSession(db.replica(), config, new Memory(in, out, ProtocolLimits.DEFAULT.window()));
    }

    private static long bytes(List<Message> messages) {
        return messages.stream().mapToLong(Message::size).sum();
    }

    /** What is sent now, and after the other end has answered. */
    private static List<Message> exchange(ManualSession a, ManualSession b) {
        List<Message> fromA = new ArrayList<>();
        List<Message> toB = a.settle();
        while (!toB.isEmpty()) {
            fromA.addAll(toB);
            List<Message> toA = new ArrayList<>();
            toB.forEach(message -> toA.addAll(b.deliver(message)));
            List<Message> more = new ArrayList<>();
            toA.forEach(message -> more.addAll(a.deliver(message)));
            toB = more;
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

        List<Message> opening = new ArrayList<>(a.open());
        b.open().forEach(message -> opening.addAll(a.deliver(message)));
        opening.forEach(message -> b.deliver(message).forEach(reply -> a.deliver(reply)));
        exchange(a, b);
        assertThat(right.heads()).as("an answer goes in small sections").isEqualTo(left.heads());

        left.put("small", Docs.number(1));
        assertThat(bytes(exchange(a, b))).isBetween(1L, 1_000L);
        assertThat(right.heads()).isEqualTo(left.heads());
        assertThat(budget.taken()).isEqualTo(TOTAL);

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
        assertThat(budget.taken()).as("everything was given back").isEqualTo(TOTAL);
    }
}
