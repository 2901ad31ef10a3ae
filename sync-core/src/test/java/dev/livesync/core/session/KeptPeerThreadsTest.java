package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.KeptPeer;
import dev.livesync.KeptPeer.State;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.transport.memory.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kept peers on real threads and a real clock: calls and outcomes race, and closing waits, but not for long. */
@Timeout(60)
class KeptPeerThreadsTest {
    private static final String HUB = "memory:hub#" + "S".repeat(43);

    private final MemoryNetwork network = new MemoryNetwork();
    private final TestReplica mine = new TestReplica();
    private final TestReplica theirs = new TestReplica();
    private final AtomicInteger inside = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Sync hub = Sync.builder(theirs).transport(network.provider()).build();
    private final Sync dialler = Sync.builder(mine)
            .transport(network.provider())
            .listener(new SyncListener() {
                private KeptPeer.@Nullable State before;

                @Override
                public void keptPeerChanged(KeptPeer peer, KeptPeer.Status status) {
                    if (inside.getAndIncrement() != 0) {
                        wrong.add("two calls at once");
                    }
                    if (before == State.STOPPED && status.state() == State.STOPPED) {
                        wrong.add("stopped twice");
                    }
                    before = status.state();
                    inside.decrementAndGet();
                }
            })
            .build();
    private final ExecutorService callers = Executors.newFixedThreadPool(4);

    @AfterEach
    void close() {
        dialler.close();
        hub.close();
        callers.shutdownNow();
    }

    @Test
    void whateverRacesItStopsAndNothingIsLeft() throws Exception {
        hub.listen(HUB).get(10, TimeUnit.SECONDS);
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 60; round++) {
            KeptPeer peer = dialler.keep(HUB);
            CompletableFuture<Session> connected = peer.connected();
            if (random.nextBoolean()) {
                connected.get(10, TimeUnit.SECONDS);
            }
            List<Runnable> calls = new ArrayList<>(List.of(
                    peer::retryNow,
                    network.faults()::cutAll,
                    () -> peer.status().session().ifPresent(Session::abort),
                    () -> assertThat(peer.connected()).isNotNull(),
                    peer::retryNow));
            calls.add(random.nextInt(calls.size() + 1), peer::close);
            List<Future<?>> running = new ArrayList<>();
            for (Runnable call : calls) {
                running.add(callers.submit(call));
            }
            for (Future<?> call : running) {
                call.get(20, TimeUnit.SECONDS);
            }
            assertThat(peer.closed()).as("closing waits, seed %d", seed).isDone();
            assertThat(peer.status().state()).isEqualTo(State.STOPPED);
            await().until(connected::isDone);
            await().until(() -> network.faults().links().isEmpty());
            // A dial that came too late for the close is got rid of beside it.
            await().until(() -> dialler.sessions().isEmpty());
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void closingWhileItWaitsOrDialsTakesNoTime() throws Exception {
        KeptPeer waiting = dialler.keep("memory:nowhere#" + "S".repeat(43));
        await().until(() -> waiting.status().failures() > 0);
        waiting.close();
        waiting.closed().get(10, TimeUnit.SECONDS);

        network.faults().holdDials();
        KeptPeer dialling = dialler.keep(HUB);
        dialling.close();
        dialling.closed().get(10, TimeUnit.SECONDS);
        dialling.close();
        network.faults().acceptDials();
        await().until(() -> network.faults().links().isEmpty());
    }

    @Test
    void theSyncsCloseEndsItInOrder() throws Exception {
        hub.listen(HUB).get(10, TimeUnit.SECONDS);
        KeptPeer peer = dialler.keep(HUB);
        peer.connected().get(10, TimeUnit.SECONDS).backlog().get(10, TimeUnit.SECONDS);
        KeptPeer waiting = dialler.keep("memory:nowhere#" + "S".repeat(43));
        mine.put("last", "1");
        dialler.close();
        peer.closed().get(10, TimeUnit.SECONDS);
        waiting.closed().get(10, TimeUnit.SECONDS);
        assertThat(theirs.heads()).isEqualTo(mine.heads());
    }

    /** Hundreds of them cost timers and no threads. */
    @Test
    void theyHaveNoThreads() {
        int before = threads();
        List<KeptPeer> many = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            many.add(dialler.keep("memory:nowhere" + i + "#" + "S".repeat(43)));
        }
        await().until(() -> many.stream().allMatch(peer -> peer.status().failures() > 0));
        assertThat(threads() - before).as("threads for 300 kept peers").isLessThan(20);
    }

    private static ConditionFactory await() {
        return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1));
    }

    private static int threads() {
        return Thread.getAllStackTraces().size();
    }
}
