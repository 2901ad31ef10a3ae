package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.connect.Tampering;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever somebody on the way does to any message of a session, handshake and goodbye included: the receiver notices, stores nothing of it or of
 * what comes after it, and says so.
 */
class TamperedSessionTest {
    /** What somebody does to one message. */
    enum Attack {
        FLIP,
        REPEAT,
        REORDER,
        LEAVE_OUT,
        CUT_SHORT,
        LENGTHEN,
        REFLECT,
        MAKE_TEXT,
        /** Closes the connection in order, in the place of the message and of all that would follow. */
        CLOSE
    }

    /** Why nothing comes any more, for who can't tell it from a connection that broke or a peer that is slow. */
    private static final Set<ErrorKind> ABSENCE = Set.of(ErrorKind.DISCONNECTED, ErrorKind.TIMEOUT);

    private static final int CHANNEL_BYTES = 262_144;

    private final long seed = System.nanoTime();
    private int documents = 3;
    private int documentBytes = 300;

    /** What became of both ends of one connection. */
    private final class Run {
        final World world = new World(seed);
        final Map<Side, TestReplica> replicas = new EnumMap<>(Side.class);
        final Map<Side, List<SyncException>> failures = new EnumMap<>(Side.class);
        final Map<Side, Integer> sent = new EnumMap<>(Side.class);
        /** How many were sent before one side closed: from then on each may be gone before it hears of anything. */
        final Map<Side, Integer> live = new EnumMap<>(Side.class);

        final Map<Side, Set<Cid>> own = new EnumMap<>(Side.class);

        Run(Tampering.Change change) {
            this(new boolean[1], change);
        }

        Run(boolean[] closing, Tampering.Change change) {
            Tampering wire = new Tampering(world.network.provider());
            wire.change((side, index, message) -> {
                sent.put(side, index + 1);
                return change.of(side, index, message);
            });
            Map<Side, Sync> peers = new EnumMap<>(Side.class);
            for (Side side : Side.values()) {
                TestReplica replica = new TestReplica();
                replicas.put(side, replica);
                failures.put(side, new ArrayList<>());
                own.put(side, new HashSet<>());
                fill(side, "before-");
                peers.put(
                        side,
                        world.peer(replica)
                                .transport(wire)
                                .listener(watch(side))
                                .build());
            }
            Sync hub = peers.get(Side.LISTENER);
            CompletableFuture<Session> dialling = peers.get(Side.DIALER)
                    .dial(world.get(hub.listen("memory:door")).address());
            var unused = dialling.whenComplete((session, failure) -> {
                if (failure instanceof SyncException why) {
                    failures.get(Side.DIALER).add(why);
                }
            });
            world.settle();
            replicas.keySet().forEach(side -> fill(side, "later-"));
            world.settle();
            closing[0] = true;
            live.putAll(sent);
            peers.get(Side.DIALER).sessions().forEach(world::close);
            world.pass(Duration.ofMinutes(5));
            assertThat(dialling).isDone();
            peers.values().forEach(world::close);
            assertThat(world.network.faults().links()).as("open channels").isEmpty();
            assertThat(world.timers()).as("timers").isZero();
        }

        private void fill(Side side, String id) {
            TestReplica replica = replicas.get(side);
            for (int i = 0; i < documents; i++) {
                Set<Cid> before = replica.events();
                replica.put(side + "-" + id + i, "x".repeat(documentBytes));
                Set<Cid> made = replica.events();
                made.removeAll(before);
                own.get(side).addAll(made);
            }
        }

        private SyncListener watch(Side side) {
            return new SyncListener() {
                @Override
                public void refused(String remote, SyncException why) {
                    failures.get(side).add(why);
                }

                @Override
                public void sessionClosed(Session session, @Nullable SyncException failure) {
                    if (failure != null) {
                        failures.get(side).add(failure);
                    }
                }
            };
        }

        Set<Cid> events(Side side) {
            return replicas.get(side).events();
        }

        /** What came from the peer. */
        Set<Cid> received(Side side) {
            Set<Cid> received = events(side);
            received.removeAll(own.get(side));
            return received;
        }
    }

    private Run honest() {
        Run honest = new Run((side, index, message) -> List.of(message));
        assertThat(honest.failures.values()).as("seed %d", seed).allMatch(List::isEmpty);
        assertThat(honest.events(Side.DIALER))
                .as("seed %d", seed)
                .hasSize(4 * documents)
                .isEqualTo(honest.events(Side.LISTENER));
        return honest;
    }

    private void attack(Run honest, Side sender, int at, Attack attack) {
        String what = "seed " + seed + ": " + attack + " of message " + at + " of the " + sender;
        Side receiver = sender.other();
        SplittableRandom random = new SplittableRandom(seed + at);
        boolean[] noticeable = {false};
        boolean[] closing = {false};
        List<Message> held = new ArrayList<>();
        Message[] reflected = new Message[1];
        Run run = new Run(closing, (side, index, message) -> {
            if (side == receiver) {
                reflected[0] = message;
            }
            if (side != sender || index < at) {
                return List.of(message);
            }
            if (index > at) {
                if (attack == Attack.REPEAT) {
                    return List.of(message);
                }
                // Whoever is closing doesn't wait for long, and may have given up before this comes.
                noticeable[0] |= !closing[0];
                List<Message> all = new ArrayList<>(List.of(message));
                all.addAll(held);
                held.clear();
                return all;
            }
            byte[] bytes = message.payload();
            switch (attack) {
                case REORDER -> held.add(message);
                case LEAVE_OUT -> {}
                case CLOSE -> {
                    return null;
                }
                case REFLECT -> {
                    if (reflected[0] == null) {
                        return List.of(Message.binary(new byte[100])); // nothing to reflect yet
                    }
                    noticeable[0] = true;
                    return List.of(reflected[0]);
                }
                default -> {
                    noticeable[0] = true;
                    return switch (attack) {
                        case FLIP -> List.of(flip(message, random.nextInt(bytes.length * 8)));
                        case REPEAT -> List.of(message, message);
                        case CUT_SHORT -> List.of(Message.binary(Arrays.copyOf(bytes, random.nextInt(bytes.length))));
                        case LENGTHEN -> List.of(Message.binary(Arrays.copyOf(bytes, longer(bytes.length, random))));
                        default -> List.of(new Message(Message.Kind.TEXT, bytes));
                    };
                }
            }
            return List.of();
        });
        // Up to this message both runs are the same; from there on it stores nothing more of what this side sends.
        int until = attack == Attack.REPEAT ? at + 1 : at;
        Run silenced =
                new Run((side, index, message) -> side == sender && index >= until ? List.of() : List.of(message));
        assertThat(silenced.received(receiver)).as(what).containsAll(run.received(receiver));
        assertThat(run.own.get(receiver)).as(what).containsAll(run.received(sender));

        boolean inOrder = run.failures.values().stream().allMatch(List::isEmpty);
        if (inOrder) {
            // Both had said goodbye already, and had everything.
            assertThat(at).as(what).isGreaterThanOrEqualTo(honest.live.get(sender));
            assertThat(run.events(receiver)).as(what).isEqualTo(honest.events(receiver));
            assertThat(run.events(sender)).as(what).isEqualTo(honest.events(sender));
            return;
        }
        for (Side side : Side.values()) {
            for (SyncException failure : run.failures.get(side)) {
                assertThat(failure.kind())
                        .as("%s, at the %s: %s", what, side, failure.getMessage())
                        .matches(kind -> kind == ErrorKind.AUTHENTICATION
                                || kind == ErrorKind.UNSUPPORTED && at == 0
                                || ABSENCE.contains(kind));
            }
        }
        if (noticeable[0] && at < honest.live.get(sender)) {
            assertThat(run.failures.get(receiver))
                    .as("%s, at the receiver", what)
                    .isNotEmpty()
                    .anySatisfy(failure -> assertThat(failure.getMessage())
                            .containsAnyOf(
                                    "is not the next one that it sealed",
                                    "did not prove that it knows the secret",
                                    "of sealed sessions"));
            assertThat(run.failures.get(sender)).as("%s, at the sender", what).isNotEmpty();
        }
    }

    /** Another length, which the channel still carries. */
    private static int longer(int length, SplittableRandom random) {
        int longer = length + 1 + random.nextInt(9);
        return longer <= CHANNEL_BYTES ? longer : length - 1;
    }

    private static Message flip(Message message, int bit) {
        byte[] bytes = message.payload().clone();
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
        return Message.binary(bytes);
    }

    /** All attacks at some places, which move from run to run. */
    @ParameterizedTest
    @EnumSource(Attack.class)
    void whatIsDoneToAMessageIsNoticed(Attack attack) {
        Run honest = honest();
        for (Side side : Side.values()) {
            int messages = honest.sent.get(side);
            assertThat(messages).isGreaterThan(5);
            for (int at = (int) Math.floorMod(seed, 3L); at < messages; at += 3) {
                attack(honest, side, at, attack);
            }
        }
    }

    @Test
    @Tag("soak")
    void everyMessageOfALongerSessionIsProtected() {
        documents = 60;
        documentBytes = 20_000;
        Run honest = honest();
        for (Attack attack : Attack.values()) {
            for (Side side : Side.values()) {
                for (int at = 0; at < honest.sent.get(side); at++) {
                    attack(honest, side, at, attack);
                }
            }
        }
    }
}
