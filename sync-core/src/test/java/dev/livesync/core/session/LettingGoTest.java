package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.core.protocol.SessionProtocol;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a session holds is let go of, however it ends. */
class LettingGoTest {
    /** Breaks down by the hundred, each time with a stack trace; held, or the setting is collected with it. */
    private static final Logger NOISE = Logger.getLogger("dev.livesync.core.session");

    @BeforeAll
    static void quiet() {
        NOISE.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        NOISE.setLevel(null);
    }

    enum Fault {
        EXCEPTION(() -> new IllegalStateException("on purpose")),
        ERROR(() -> new LinkageError("on purpose")),
        STACK_OVERFLOW(StackOverflowError::new);

        @SuppressWarnings("ImmutableEnumChecker") // lambdas that hold nothing
        private final Supplier<Throwable> thrown;

        Fault(Supplier<Throwable> thrown) {
            this.thrown = thrown;
        }
    }

    /** A snapshot that stays open holds compaction off for ever. */
    @ParameterizedTest
    @EnumSource
    void whereverATaskBreaksDownTheSessionEndsWithoutASnapshot(Fault fault) {
        int at = 0;
        boolean thrown = true;
        while (thrown) {
            at++;
            World world = new World(at);
            TestReplica behind = new TestReplica();
            TestReplica there = new TestReplica();
            for (int i = 0; i < 6; i++) {
                behind.put("here" + i, "text " + i);
                there.put("there" + i, "text " + i);
            }
            Faulty here = new Faulty(behind, at, fault.thrown);
            Sync left = world.dialling(here.replica());
            Sync right = world.dialling(there);
            Endpoint endpoint = world.get(left.listen("memory:"));
            var unused = right.dial(endpoint.address());
            world.settle();
            List<Session> sessions = new ArrayList<>(left.sessions());
            sessions.addAll(right.sessions());
            behind.put("later", "text");
            there.put("later too", "text");
            world.settle();
            thrown = here.hasThrown();
            if (thrown) {
                world.pass(Duration.ofSeconds(30));
                assertThat(left.sessions()).as("at call %d", at).isEmpty();
                assertThat(sessions)
                        .as("at call %d", at)
                        .allMatch(s -> s.closed().isDone());
            }
            world.close(right);
            world.close(left);
            assertThat(here.openSnapshots()).as("snapshots after call %d", at).isZero();
            assertThat(behind.subscribers())
                    .as("subscriptions after call %d", at)
                    .isZero();
            assertThat(world.network.faults().links())
                    .as("channels after call %d", at)
                    .isEmpty();
            assertThat(world.timers()).as("timers after call %d", at).isZero();
        }
        assertThat(at).as("calls of the replica").isGreaterThan(20);
    }

    enum Ending {
        CLOSED,
        ABORTED,
        CUT,
        CRASHED
    }

    @ParameterizedTest
    @EnumSource
    void anEndedSessionKeepsNoProtocol(Ending ending) throws Exception {
        World world = new World(1);
        TestReplica behind = new TestReplica();
        behind.put("a", "1");
        Faulty here = new Faulty(behind, ending == Ending.CRASHED ? 16 : Integer.MAX_VALUE, LinkageError::new);
        Sync left = world.dialling(here.replica());
        Sync right = world.dialling(new TestReplica());
        Endpoint endpoint = world.get(left.listen("memory:"));
        List<Session> sessions = new ArrayList<>();
        var unused = right.dial(endpoint.address()).thenAccept(sessions::add);
        world.until(() -> !left.sessions().isEmpty());
        sessions.addAll(left.sessions());
        world.settle();
        switch (ending) {
            case CLOSED -> sessions.forEach(world::close);
            case ABORTED -> sessions.forEach(Session::abort);
            case CUT -> world.network.faults().cutAll();
            case CRASHED -> assertThat(here.hasThrown()).isTrue();
        }
        world.pass(Duration.ofSeconds(30));
        assertThat(sessions).hasSize(2);
        for (Session session : sessions) {
            assertThat(session.closed()).isDone();
            assertThat(session.statistics().messagesReceived()).isPositive();
            for (Field field : session.getClass().getDeclaredFields()) {
                if (field.getType() == SessionProtocol.class) {
                    field.setAccessible(true);
                    assertThat(field.get(session))
                            .as("engine of an ended session")
                            .isNull();
                }
            }
        }
        world.close(right);
        world.close(left);
    }

    @Test
    void aSessionThatBreaksDownNamesItsKind() {
        World world = new World(2);
        TestReplica behind = new TestReplica();
        behind.put("a", "1");
        Faulty here = new Faulty(behind, 11, LinkageError::new);
        Sync left = world.dialling(here.replica());
        Sync right = world.dialling(new TestReplica());
        Endpoint endpoint = world.get(left.listen("memory:"));
        var unused = right.dial(endpoint.address());
        world.until(() -> !left.sessions().isEmpty());
        Session session = left.sessions().get(0);
        world.settle();
        Refusals.refused(ErrorKind.INTERNAL, () -> world.get(session.closed()));
        world.close(right);
        world.close(left);
    }
}
