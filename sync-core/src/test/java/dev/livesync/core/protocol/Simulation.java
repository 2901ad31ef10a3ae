package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Feature;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A network of replicas in one thread. A seed decides on everything: who is connected in which dialect, what is written,
 * when a message is taken, delivered or lost, when a commit runs and when its result is heard of, when the feed wakes
 * anybody. The protocols' only contact with each other is what this hands over.
 */
final class Simulation implements AutoCloseable {
    private static final int MAX_STEPS = 200_000;

    /** As long as an ack may be held back. */
    private static final long HELD_BACK_NANOS = 250_000_000L;

    private final Random random;
    private final List<TestDb> nodes = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private long now = 1_000_000_000L;
    private int written;
    private int reconnects;
    private int equalStarts;
    private boolean alphas = true;

    /** A connection that is made anew whenever it has ended. */
    private final class Link {
        final TestDb left;
        final TestDb right;

        @Nullable
        End a;

        @Nullable
        End b;

        Link(TestDb left, TestDb right) {
            this.left = left;
            this.right = right;
        }

        boolean alpha;

        boolean isDown() {
            return a == null || b == null || a.session.ended && b.session.ended;
        }

        void connect() {
            alpha = alphas && random.nextInt(3) == 0;
            Set<Feature> features = alpha ? Set.of() : features();
            ProtocolLimits limits = limits();
            int max = alpha ? 6_000 + random.nextInt(300_000) : 1_024 + random.nextInt(100_000);
            if (!alpha && !features.contains(Feature.FRAGMENTS)) {
                max += 30_000;
            }
            if (alpha && max % 2 == 0) {
                features = Set.of(Feature.FRAGMENTS); // behind the shim of interop/room
            }
            CommonClock ours = ManualSession.clock(left.replica());
            CommonClock theirs = ManualSession.clock(right.replica());
            boolean same = ours.heads().equals(theirs.heads()) && features.contains(Feature.EVENTS);
            if (same && random.nextBoolean()) {
                write(); // between the handshake and the session
            }
            // Of two that reconcile exactly one listens first.
            boolean listensFirst = random.nextBoolean() || features.contains(Feature.NATIVE);
            ProtocolConfig proposer = ManualSession.config(features, listensFirst, limits, max);
            ProtocolConfig acceptor = ManualSession.config(features, limits, max);
            a = new End(left, same ? ManualSession.startingAt(ours, proposer) : proposer);
            b = new End(right, same ? ManualSession.startingAt(theirs, acceptor) : acceptor);
            equalStarts += same ? 1 : 0;
            a.peer = b;
            b.peer = a;
            a.open();
            b.open();
            reconnects++;
        }

        private Set<Feature> features() {
            if (random.nextInt(3) == 0) {
                return EnumSet.allOf(Feature.class);
            }
            Set<Feature> features = EnumSet.of(Feature.HELLO, Feature.RIGHTS);
            for (Feature f : EnumSet.complementOf(EnumSet.of(Feature.RIGHTS))) {
                if (random.nextInt(6) != 0) {
                    features.add(f);
                }
            }
            return features;
        }

        private ProtocolLimits limits() {
            if (random.nextBoolean()) {
                return ProtocolLimits.DEFAULT;
            }
            return ManualSession.limits(
                    50_000 + random.nextInt(100_000),
                    1 << 20,
                    10_000,
                    64 << 10,
                    200 + random.nextInt(5_000),
                    100 + random.nextInt(2_000));
        }
    }

    /** One end of a link and what is on its way to the other. */
    private final class End {
        final TestDb db;
        final ManualSession session;
        final Deque<Message> wire = new ArrayDeque<>();
        final int room = 1 + random.nextInt(4);

        @Nullable
        CommitResult result;

        @Nullable
        CloseReason closing;

        boolean wireClosed;

        @Nullable
        End peer;

        /** Whether it was closed, and not only its peer. */
        boolean leaving;

        final boolean alpha;

        End(TestDb db, ProtocolConfig config) {
            this.db = db;
            alpha = config.features().isEmpty();
            session = new ManualSession(db.replica(), config);
        }

        void open() {
            session.now = now;
            session.protocol.open(now);
        }

        /** Does one of the things that can be done, at random; false if there is nothing. */
        boolean step() {
            if (session.ended && closing == null) {
                // Whoever runs a protocol closes the channel when it is over.
                close(CloseReason.REMOTE);
                return peer.step();
            }
            List<Runnable> choices = new ArrayList<>();
            ManualSession s = session;
            if (!s.ended) {
                if (result != null) {
                    choices.add(() -> {
                        CommitResult r = result;
                        result = null;
                        s.protocol.commitDone(r, now);
                    });
                } else if (!s.commits.isEmpty()) {
                    choices.add(() -> {
                        result = db.replica().commit(s.commits.remove());
                    });
                }
                if (s.wakeUp) {
                    choices.add(() -> {
                        s.wakeUp = false;
                        s.protocol.changed(now);
                    });
                }
                if (s.protocol.nextDeadline() - now <= 0) {
                    choices.add(() -> s.protocol.tick(now));
                }
                if (!peer.wire.isEmpty() && s.requested > 0 && !peer.wireClosed) {
                    choices.add(() -> {
                        s.requested--;
                        s.protocol.received(peer.wire.remove(), now);
                    });
                }
                if (closing != null && peer.wire.isEmpty()) {
                    choices.add(() -> {
                        CloseReason reason = closing;
                        closing = null;
                        s.protocol.channelClosed(reason, now);
                    });
                }
            }
            if (choices.isEmpty()) {
                return poll();
            }
            if (random.nextInt(4) == 0 && poll()) {
                return true;
            }
            choices.get(random.nextInt(choices.size())).run();
            // Whoever runs a protocol polls after every call, if there is room.
            poll();
            return true;
        }

        private boolean poll() {
            if (wire.size() >= room || wireClosed || session.ended) {
                return false;
            }
            Message message = session.protocol.poll(now);
            if (message != null) {
                wire.add(message);
            }
            return message != null;
        }

        /** The channel closes in order: what is on its way still arrives. */
        private void close(CloseReason reason) {
            closing = CloseReason.LOCAL;
            if (!peer.session.ended && peer.closing == null) {
                peer.closing = reason;
            }
        }

        /** Alphas say no goodbye: of two who close at once, the one that is done first goes, and the other says what it still had. */
        private boolean leftFirst(SyncException failure) {
            return leaving
                    && alpha
                    && failure.kind() == ErrorKind.DISCONNECTED
                    && failure.getMessage().contains("it left before");
        }

        private void cut() {
            wire.clear();
            wireClosed = true;
            if (!session.ended) {
                session.cut();
            }
        }
    }

    Simulation(long seed, Supplier<TestDb> databases) {
        random = new Random(seed);
        int count = 2 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            nodes.add(databases.get());
        }
        switch (random.nextInt(3)) {
            case 0 -> chain();
            case 1 -> mesh();
            default -> star();
        }
    }

    private void chain() {
        for (int i = 1; i < nodes.size(); i++) {
            links.add(new Link(nodes.get(i - 1), nodes.get(i)));
        }
    }

    private void mesh() {
        chain();
        for (int i = 0; i < nodes.size(); i++) {
            for (int j = i + 2; j < nodes.size(); j++) {
                links.add(new Link(nodes.get(i), nodes.get(j)));
            }
        }
    }

    private void star() {
        for (int i = 1; i < nodes.size(); i++) {
            links.add(new Link(nodes.get(0), nodes.get(i)));
        }
    }

    /** Writes, connects and disconnects for a while. */
    void live() {
        int steps = 200 + random.nextInt(2_000);
        int writes = 5 + random.nextInt(40);
        for (int i = 0; i < steps; i++) {
            if (random.nextInt(steps) < writes) {
                write();
            }
            Link link = links.get(random.nextInt(links.size()));
            if (link.isDown()) {
                if (random.nextInt(20) == 0) {
                    link.connect();
                }
            } else if (random.nextInt(300) == 0) {
                disconnect(link);
            } else {
                step(link);
            }
        }
    }

    /**
     * Connects everything and lets it run until nothing moves. No more alphas: who is taken for one keeps the bridges that it
     * got, and nobody else has them.
     */
    void settle() {
        alphas = false;
        links.stream().filter(l -> l.alpha && !l.isDown()).forEach(l -> {
            l.a.cut();
            l.b.cut();
            finishCommits(l.a);
            finishCommits(l.b);
        });
        int idle = 0;
        int waits = 0;
        for (int i = 0; idle < 3; i++) {
            assertThat(i).as("steps until everything is still").isLessThan(MAX_STEPS);
            boolean moved = false;
            for (Link link : links) {
                if (link.isDown()) {
                    link.connect();
                    moved = true;
                }
                moved |= step(link);
            }
            idle = moved ? 0 : idle + 1;
            if (idle == 3 && links.stream().anyMatch(l -> !l.a.session.backlogDone || !l.b.session.backlogDone)) {
                // Two who are too large for one message wait for each other, until one loses patience.
                assertThat(waits++).as("patience").isLessThan(10);
                now += ProtocolTimes.DEFAULT.phase().toNanos() / 4;
                idle = 0;
            } else if (idle == 3 && links.stream().anyMatch(l -> !l.a.session.equal || !l.b.session.equal)) {
                assertThat(waits++).as("patience").isLessThan(20);
                now += HELD_BACK_NANOS;
                idle = 0;
            }
        }
    }

    private boolean step(Link link) {
        now += random.nextInt(1_000_000);
        boolean moved = random.nextBoolean() ? link.a.step() || link.b.step() : link.b.step() || link.a.step();
        check(link.a);
        check(link.b);
        return moved;
    }

    private static void check(End end) {
        SyncException failure = end.session.failure;
        if (failure != null && !"cut".equals(failure.getMessage()) && !end.leftFirst(failure)) {
            throw new AssertionError("a session failed", failure);
        }
    }

    private void disconnect(Link link) {
        if (random.nextInt(3) != 0) {
            link.a.cut();
            link.b.cut();
            finishCommits(link.a);
            finishCommits(link.b);
        } else {
            End end = random.nextBoolean() ? link.a : link.b;
            if (!end.session.ended) {
                end.leaving = true;
                end.session.protocol.close(now);
            }
        }
    }

    /** A commit that runs is not undone because the session is gone. */
    private void finishCommits(End end) {
        while (!end.session.ended) {
            if (end.result != null) {
                CommitResult result = end.result;
                end.result = null;
                end.session.protocol.commitDone(result, now);
            } else {
                end.session.commitOne();
            }
        }
    }

    private void write() {
        TestDb db = nodes.get(random.nextInt(nodes.size()));
        int count = random.nextInt(4) == 0 ? 2 + random.nextInt(5) : 1;
        List<TestDb.Op> ops = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < count; i++) {
            String id = "id" + random.nextInt(12);
            if (ids.add(id)) {
                boolean delete = random.nextInt(4) == 0 && db.documents().containsKey(id);
                ops.add(new TestDb.Op(id, delete ? null : document()));
            }
        }
        db.write(ops);
    }

    private Value.Mapping document() {
        String filler = "x".repeat(random.nextInt(8) == 0 ? random.nextInt(1_500) : random.nextInt(30));
        return new Value.Mapping(Map.of("n", new Value.Int(written++), "x", new Value.Text(filler)));
    }

    /** What has to be true in the end. */
    void verify() {
        TestDb first = nodes.get(0);
        for (TestDb node : nodes) {
            assertThat(node.heads()).isEqualTo(first.heads());
            assertThat(node.documents()).isEqualTo(first.documents());
            try (Snapshot snapshot = node.replica().snapshot()) {
                assertThat(snapshot.summary().pending()).isZero();
            }
        }
        for (Link link : links) {
            for (End end : List.of(link.a, link.b)) {
                assertThat(end.session.backlogDone).as("backlog").isTrue();
                assertThat(end.session.equal).as("equal").isTrue();
            }
        }
    }

    @Override
    public void close() {
        nodes.forEach(TestDb::close);
    }

    int reconnects() {
        return reconnects;
    }

    int equalStarts() {
        return equalStarts;
    }

    int writes() {
        return written;
    }
}
