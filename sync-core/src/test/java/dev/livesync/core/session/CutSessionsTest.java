package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.Tuned;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.core.internal.TextSessions;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryLink;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each workload, cut at every message, and so at every kilobyte where a channel carries no more in one; then resumed with real databases. Both are
 * equal then, and nothing travels a second time that the other end had acknowledged, or had at all.
 */
class CutSessionsTest {
    /** As docs/reconciliation.md has it, section 4. */
    private static final int UNASKED = 64;

    /** Of more than {@link #ALL} cuts in the long form every how many one is tried: each takes half a second. */
    private static final int EVERY = Integer.getInteger("livesync.cuts.every", 1);

    private static final int ALL = 200;

    /** What two databases do. */
    private enum Workload {
        LISTENER_HAS_ALL,
        DIALLER_HAS_ALL,
        NOTHING_NEW,
        BOTH_HAVE_NEW,
        LIVE
    }

    /** How a connection ends. */
    private enum Cut {
        /** What the dialler has sent arrives. */
        AFTER_DIALLERS,
        /** What the listener has sent arrives. */
        AFTER_LISTENERS,
        /** What is on the way is lost. */
        IN_FLIGHT
    }

    private enum Kind {
        NATIVE,
        TEXTS
    }

    /** The two databases before anything passes; the same events every time. */
    private record Start(List<Event> dialler, List<Event> listener, int live) {
        static Start of(Workload workload, int documents, int each) {
            try (PromptDatabase base = PromptDatabase.inMemory()) {
                base.fill("single", documents / 4, 1);
                base.fill("batch", documents - documents / 4, 20);
                List<Event> common = base.events();
                return switch (workload) {
                    case LISTENER_HAS_ALL -> new Start(List.of(), common, 0);
                    case DIALLER_HAS_ALL -> new Start(common, List.of(), 0);
                    case NOTHING_NEW -> new Start(common, common, 0);
                    case BOTH_HAVE_NEW -> new Start(more(common, "d", each), more(common, "l", each), 0);
                    case LIVE -> new Start(common, common, each);
                };
            }
        }

        private static List<Event> more(List<Event> common, String name, int documents) {
            try (PromptDatabase fork = PromptDatabase.of(common)) {
                fork.fill(name, documents, 1);
                return fork.events();
            }
        }
    }

    /** What a channel carries in one message, and where a section ends. */
    private record Sizes(int message, int section) {}

    /** What one run has seen, in events. */
    private record Outcome(int messages, Map<Side, Integer> sentBySide, int acknowledged, int sentAfter) {}

    /** Two peers in one thread. */
    private static final class Peers implements AutoCloseable {
        final World world;
        final PromptDatabase dialler;
        final PromptDatabase listener;
        final Sync dialling;
        final Endpoint endpoint;
        private final Sync listening;
        private final Start start;
        private final Kind kind;
        private final MemoryConfiguration wire;
        private int written;

        @Nullable
        MemoryLink link;

        @Nullable
        LinkRecord record;

        @Nullable
        Session here;

        Peers(Start start, Kind kind, Sizes sizes, long seed) {
            this.start = start;
            this.kind = kind;
            world = new World(seed);
            wire = MemoryConfiguration.builder()
                    .binding(true)
                    .buffer(2, 1 << 20)
                    .maxMessageBytes(sizes.message())
                    .build();
            dialler = PromptDatabase.of(start.dialler());
            listener = PromptDatabase.of(start.listener());
            dialling = peer(dialler, kind, sizes);
            listening = peer(listener, kind, sizes);
            endpoint = world.get(listening.listen("memory:door"));
            world.network.faults().onLink(opened -> {
                link = opened;
                record = new LinkRecord(opened, dialler.heads(), listener.heads());
            });
        }

        private Sync peer(PromptDatabase database, Kind kind, Sizes sizes) {
            Sync.Builder builder = Tuned.with(Tuned.sections(sizes.section()), world.peer(database))
                    .transport(world.network.provider(wire));
            return (kind == Kind.TEXTS ? TextSessions.in(builder) : builder).build();
        }

        PromptDatabase database(Side side) {
            return side == Side.DIALER ? dialler : listener;
        }

        /** How many sections of one end the other has acknowledged. */
        long acknowledged(Side side) {
            List<Session> sessions = side == Side.DIALER ? here == null ? List.of() : List.of(here) : heardAtListener;
            return sessions.isEmpty() ? 0 : sessions.get(0).statistics().carsAcknowledged();
        }

        private final List<Session> heardAtListener = new ArrayList<>();

        /** Dials, and runs until nothing moves or the connection has to end. */
        void run(@Nullable Cut cut, int at) {
            heardAtListener.clear();
            here = null;
            CompletableFuture<Session> dialled = dialling.dial(endpoint.address());
            var unused = dialled.thenAccept(session -> here = session);
            boolean planned = cut == null;
            int steps = 0;
            for (boolean moves = true; moves; ) {
                if (!planned && link != null) {
                    if (cut == Cut.IN_FLIGHT) {
                        if (record.count() >= at) {
                            link.cut();
                            planned = true;
                        }
                    } else {
                        link.cutAfter(cut == Cut.AFTER_DIALLERS ? Side.DIALER : Side.LISTENER, at);
                        planned = true;
                    }
                }
                if (heardAtListener.isEmpty() && !listening.sessions().isEmpty()) {
                    heardAtListener.addAll(listening.sessions());
                }
                moves = world.step();
                if (++steps % 7 == 0 && here != null) {
                    writeLive();
                }
                if (!moves
                        && here != null
                        && written < start.live()
                        && !dialling.sessions().isEmpty()) {
                    writeLive();
                    moves = true;
                }
            }
            world.pass(Duration.ofSeconds(1));
        }

        private void writeLive() {
            if (written < start.live()) {
                (written % 3 == 0 ? dialler : listener).put("live" + written, written);
                written++;
            }
        }

        /** What the other end has acknowledged of this one's, all of which it has to have. */
        Set<Cid> acknowledgedEvents(Side side, String what) {
            Set<Cid> events = record.events(side, acknowledged(side));
            assertThat(database(side.other()).cids())
                    .as("%s: what %s was told is durable", what, side)
                    .containsAll(events);
            return events;
        }

        Map<Side, Set<Cid>> have() {
            Map<Side, Set<Cid>> have = new EnumMap<>(Side.class);
            for (Side side : Side.values()) {
                have.put(side, database(side).cids());
            }
            return have;
        }

        /** Connects again, for good; how many events passed. */
        int resume(Map<Side, Set<Cid>> acknowledged, String what) {
            Map<Side, Set<Cid>> had = have();
            run(null, 0);
            return assertNothingAgain(Side.DIALER, had, acknowledged, what)
                    + assertNothingAgain(Side.LISTENER, had, acknowledged, what);
        }

        int assertNothingAgain(Side side, Map<Side, Set<Cid>> had, Map<Side, Set<Cid>> acknowledged, String what) {
            Set<Cid> sent = record.events(side, Long.MAX_VALUE);
            assertThat(intersection(sent, acknowledged.get(side)))
                    .as("%s: acknowledged by the other, and sent again by %s", what, side)
                    .isEmpty();
            assertThat(intersection(sent, had.get(side.other())))
                    .as("%s: there before, and sent by %s", what, side)
                    .hasSizeLessThanOrEqualTo(unasked());
            return sent.size();
        }

        /** Where a responder has few events they come without being asked, and an initiator that remembers the peer says what it has since then: both spare a round trip. */
        private int unasked() {
            return kind == Kind.NATIVE ? UNASKED : 0;
        }

        boolean isCut() {
            return dialling.sessions().isEmpty();
        }

        void assertEqual(int documents, String what) {
            assertThat(dialler.heads()).as(what).isEqualTo(listener.heads());
            assertThat(dialler.documents())
                    .as(what)
                    .isEqualTo(listener.documents())
                    .hasSize(documents);
            assertThat(dialling.sessions()).as(what).allMatch(Session::equal);
        }

        void writeTheRest() {
            while (written < start.live()) {
                writeLive();
            }
        }

        @Override
        public void close() {
            world.close(dialling);
            world.close(listening);
            dialler.close();
            listener.close();
        }
    }

    private static Map<String, Value> expected(Start start) {
        try (PromptDatabase all = PromptDatabase.of(start.dialler())) {
            all.take(start.listener());
            return all.documents();
        }
    }

    private static Outcome run(
            Start start, int documents, Kind kind, Sizes sizes, @Nullable Cut cut, int at, String what) {
        try (Peers peers = new Peers(start, kind, sizes, 1)) {
            peers.run(cut, at);
            int messages = peers.record.count();
            Map<Side, Integer> bySide = new EnumMap<>(Side.class);
            Map<Side, Set<Cid>> acknowledged = new EnumMap<>(Side.class);
            int acked = 0;
            for (Side side : Side.values()) {
                bySide.put(side, (int) peers.link.sent(side));
                Set<Cid> events = peers.acknowledgedEvents(side, what);
                acknowledged.put(side, events);
                acked += events.size();
            }
            peers.writeTheRest();
            int sentAfter = cut == null ? 0 : peers.resume(acknowledged, what);
            peers.assertEqual(documents, what);
            return new Outcome(messages, bySide, acked, sentAfter);
        }
    }

    private static Set<Cid> intersection(Set<Cid> one, Set<Cid> other) {
        Set<Cid> both = new HashSet<>(one);
        both.retainAll(other);
        return both;
    }

    private static void everyCut(Workload workload, int documents, int each, int every, Sizes... all) {
        Start start = Start.of(workload, documents, each);
        int expected = expected(start).size() + start.live();
        for (Kind kind : Kind.values()) {
            int partly = 0;
            int tried = 0;
            for (Sizes sizes : all) {
                Outcome whole = run(start, expected, kind, sizes, null, 0, "not cut");
                for (Cut cut : Cut.values()) {
                    int most = switch (cut) {
                        case AFTER_DIALLERS -> whole.sentBySide().get(Side.DIALER);
                        case AFTER_LISTENERS -> whole.sentBySide().get(Side.LISTENER);
                        case IN_FLIGHT -> whole.messages();
                    };
                    for (int at = 0; at < most; at += most > ALL ? every : 1) {
                        String what = "%s, %s, %s, %s %d".formatted(workload, kind, sizes, cut, at);
                        Outcome one = run(start, expected, kind, sizes, cut, at, what);
                        tried++;
                        partly += one.acknowledged() > 0 && one.sentAfter() > 0 ? 1 : 0;
                    }
                }
            }
            System.out.println(workload + ", " + kind + ", " + documents + " documents: " + tried + " cuts");
            assertThat(partly)
                    .as("cuts between what was acknowledged and what was sent afterwards, %s", kind)
                    .isGreaterThanOrEqualTo(workload == Workload.NOTHING_NEW ? 0 : 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isResumedWithoutRepeating(Workload workload) {
        everyCut(workload, 80, 10, 1, new Sizes(1_024, 1_500), new Sizes(1 << 20, 1_500));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("soak")
    void isResumedWithoutRepeatingHoweverMuchThereIs(Workload workload) {
        everyCut(workload, 10_000, 10, EVERY, new Sizes(1_024, 64 << 10), new Sizes(1 << 20, 64 << 10));
    }

    /** Each connection brings a little, and breaks. */
    @ParameterizedTest
    @EnumSource
    void isDoneAfterSoManyCutsAsItTakes(Workload workload) {
        Start start = Start.of(workload, 120, 10);
        int documents = expected(start).size() + start.live();
        for (Kind kind : Kind.values()) {
            for (int messages : new int[] {15, 22, 31}) {
                String what = "%s, %s, cut after %d messages".formatted(workload, kind, messages);
                try (Peers peers = new Peers(start, kind, new Sizes(1_024, 1_500), messages)) {
                    Map<Side, Set<Cid>> acknowledged = new EnumMap<>(Side.class);
                    for (Side side : Side.values()) {
                        acknowledged.put(side, new HashSet<>());
                    }
                    int connections = 0;
                    do {
                        assertThat(++connections).as(what).isLessThan(60);
                        Map<Side, Set<Cid>> had = peers.have();
                        peers.run(Cut.IN_FLIGHT, messages);
                        for (Side side : Side.values()) {
                            peers.assertNothingAgain(side, had, acknowledged, what);
                            acknowledged.get(side).addAll(peers.acknowledgedEvents(side, what));
                        }
                    } while (peers.isCut());
                    peers.assertEqual(documents, what);
                }
            }
        }
    }
}
