package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever asks a long session again and again, and gives up each time, costs nothing that lasts. */
class PromiseTest {
    @ParameterizedTest
    @ValueSource(strings = {"backlog", "awaitEqual", "closed"})
    void whoGivesUpWaitingIsForgotten(String what) {
        World world = new World(3);
        TestReplica here = new TestReplica();
        TestReplica there = new TestReplica();
        Sync left = world.dialling(here);
        Sync right = world.dialling(there);
        Session session = world.get(right.dial(world.get(left.listen("memory:")).address()));
        there.put("bob", "1");
        Function<Session, CompletableFuture<Void>> ask = switch (what) {
            case "backlog" -> Session::backlog;
            case "awaitEqual" -> Session::awaitEqual;
            default -> Session::closed;
        };
        List<WeakReference<Object>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Void> stage = ask.apply(session);
            assertThat(stage).isNotDone();
            waiting.add(new WeakReference<>(stage));
            stage.cancel(false);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            System.gc();
            assertThat(waiting).allMatch(reference -> reference.get() == null);
        });
        world.close(right);
        world.close(left);
    }
}
