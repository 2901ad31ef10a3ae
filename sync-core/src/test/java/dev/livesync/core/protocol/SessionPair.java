package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Feature;
import dev.livesync.core.protocol.alpha.AlphaDialect;
import dev.livesync.grant.Rights;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Two manual sessions joined by a channel with room for one message each way, run until nothing moves. */
final class SessionPair {
    final TestDb left;
    final TestDb right;
    final ManualSession a;
    final ManualSession b;
    final List<Message> fromA = new ArrayList<>();
    final List<Message> fromB = new ArrayList<>();
    /** Whether commits are run. */
    boolean commits = true;

    private @Nullable Message wireA;
    private @Nullable Message wireB;
    private boolean opened;

    SessionPair(TestDb left, TestDb right, Set<Feature> features, ProtocolLimits limits, int maxMessageBytes) {
        this(left, right, features, limits, maxMessageBytes, Rights.READ_WRITE);
    }

    private SessionPair(
            TestDb left,
            TestDb right,
            Set<Feature> features,
            ProtocolLimits limits,
            int maxMessageBytes,
            Rights rightsOfB) {
        this(
                left,
                right,
                ManualSession.config(features, true, limits, maxMessageBytes, rightsOfB),
                ManualSession.config(features, limits, maxMessageBytes));
    }

    SessionPair(TestDb left, TestDb right, ProtocolConfig configA, ProtocolConfig configB) {
        this.left = left;
        this.right = right;
        a = new ManualSession(left.replica(), configA);
        b = new ManualSession(right.replica(), configB);
    }

    static SessionPair livesync(TestDb left, TestDb right) {
        return new SessionPair(left, right, ManualSession.ALL, ProtocolLimits.DEFAULT, 1 << 20);
    }

    /** Left grants right no more than this. */
    static SessionPair granted(TestDb left, TestDb right, Rights rights, ProtocolLimits limits) {
        return new SessionPair(left, right, ManualSession.ALL, limits, 1 << 20, rights);
    }

    static SessionPair alpha(TestDb left, TestDb right) {
        return new SessionPair(left, right, Set.of(), ProtocolLimits.DEFAULT, AlphaDialect.MESSAGE_BYTES);
    }

    private void open() {
        if (!opened) {
            opened = true;
            a.protocol.open(a.now);
            b.protocol.open(b.now);
        }
    }

    /** So many steps, and something is still under way. */
    SessionPair steps(int most) {
        open();
        for (int i = 0; i < most && step(); i++) {
            // On.
        }
        return this;
    }

    SessionPair run() {
        open();
        while (step() || a.acknowledge() || b.acknowledge()) {
            // On.
        }
        return this;
    }

    boolean step() {
        boolean moved = false;
        if (wireA == null && !a.ended) {
            wireA = take(a, fromA);
            moved = wireA != null;
        }
        if (wireB == null && !b.ended) {
            wireB = take(b, fromB);
            moved |= wireB != null;
        }
        if (wireA != null && b.requested > 0 && !b.ended) {
            b.requested--;
            Message m = wireA;
            wireA = null;
            b.protocol.received(m, b.now);
            moved = true;
        }
        if (wireB != null && a.requested > 0 && !a.ended) {
            a.requested--;
            Message m = wireB;
            wireB = null;
            a.protocol.received(m, a.now);
            moved = true;
        }
        moved |= inner(a);
        moved |= inner(b);
        moved |= end(a, b, wireA);
        moved |= end(b, a, wireB);
        return moved;
    }

    private static @Nullable Message take(ManualSession from, List<Message> log) {
        Message m = from.protocol.poll(from.now);
        if (m != null) {
            log.add(m);
        }
        return m;
    }

    private boolean inner(ManualSession s) {
        boolean moved = false;
        if (s.wakeUp && !s.ended) {
            s.wakeUp = false;
            s.protocol.changed(s.now);
            moved = true;
        }
        if (commits && !s.commits.isEmpty()) {
            s.commitOne();
            moved = true;
        }
        return moved;
    }

    /** An end that is over closes its channel, which the other hears when what was sent has arrived. */
    private static boolean end(ManualSession gone, ManualSession other, @Nullable Message onItsWay) {
        if (gone.ended && !other.ended && onItsWay == null) {
            other.protocol.channelClosed(CloseReason.REMOTE, other.now);
            return true;
        }
        return false;
    }

    void assertEqual() {
        assertThat(a.failure).isNull();
        assertThat(b.failure).isNull();
        assertThat(a.equal && b.equal).as("equal").isTrue();
        assertThat(a.backlogDone && b.backlogDone).as("backlog").isTrue();
        assertThat(left.heads()).isEqualTo(right.heads());
        assertThat(left.documents()).isEqualTo(right.documents());
    }

    static String text(Message m) {
        assertThat(m.kind()).isEqualTo(Message.Kind.TEXT);
        return new String(m.payload(), StandardCharsets.UTF_8);
    }

    static List<String> texts(List<Message> messages) {
        return messages.stream()
                .filter(m -> m.kind() == Message.Kind.TEXT)
                .map(SessionPair::text)
                .toList();
    }
}
