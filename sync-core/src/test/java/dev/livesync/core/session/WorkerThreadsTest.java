package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.transport.memory.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With the threads that a user gets. */
@Timeout(60)
class WorkerThreadsTest {
    private final MemoryNetwork network = new MemoryNetwork();

    @AfterEach
    void noThreadIsLeft() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(threads()).as("threads of ours").isEmpty());
        assertThat(network.faults().links()).as("open channels").isEmpty();
    }

    @Test
    void manySessionsTakeNoThreadEachAndNoneIsLeft() throws Exception {
        TestReplica hub = new TestReplica();
        hub.put("before", "1");
        List<TestReplica> leaves = new ArrayList<>();
        List<Sync> peers = new ArrayList<>();
        try (Sync center = peer(hub)) {
            Endpoint endpoint = join(center.listen("memory:hub"));
            List<CompletableFuture<Session>> dialling = new ArrayList<>();
            Sync all = peer(new TestReplica());
            peers.add(all);
            for (int i = 0; i < 100; i++) {
                dialling.add(all.dial(endpoint.address()));
                if (i % 8 == 7) {
                    // More would be turned away.
                    dialling.forEach(WorkerThreadsTest::join);
                }
            }
            for (CompletableFuture<Session> stage : dialling) {
                join(join(stage).backlog());
            }
            await().untilAsserted(() -> assertThat(center.sessions()).hasSize(100)); // who dials is a little ahead
            assertThat(threads().size()).as("threads for 100 sessions").isLessThan(60);
            for (int i = 0; i < 5; i++) {
                TestReplica leaf = new TestReplica();
                Sync peer = peer(leaf);
                leaves.add(leaf);
                peers.add(peer);
                join(join(peer.dial(endpoint.address())).backlog());
            }
            for (int i = 0; i < 5; i++) {
                leaves.get(i).put("live" + i, "1");
            }
            for (TestReplica leaf : leaves) {
                await().atMost(Duration.ofSeconds(20)).until(() -> leaf.events().size() == 6);
            }
        }
        peers.forEach(Sync::close);
        List<Cid> heads = hub.heads();
        assertThat(leaves).allMatch(leaf -> leaf.heads().equals(heads));
    }

    @Test
    void offerAcceptConnectWithoutWaitingInBetween() {
        TestReplica here = new TestReplica();
        TestReplica there = new TestReplica();
        here.put("a", "1");
        there.put("b", "2");
        try (Sync a = peer(here);
                Sync b = peer(there)) {
            String offer = join(a.offer());
            String answer = join(b.accept(offer));
            join(a.connect(answer));
            join(b.backlog());
            assertThat(there.events()).hasSize(2);
            join(a.backlog());
            assertThat(here.events()).hasSize(2);
        }
    }

    @Test
    void closeIsIdempotentAndConcurrent() throws Exception {
        TestReplica here = new TestReplica();
        Sync a = peer(here);
        Sync b = peer(new TestReplica());
        join(b.dial(join(a.listen("memory:x")).address()));
        CompletableFuture<String> pending = a.offer();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            closing.add(CompletableFuture.runAsync(i % 2 == 0 ? a::close : b::close, pool));
        }
        for (CompletableFuture<Void> one : closing) {
            one.get(20, TimeUnit.SECONDS);
        }
        a.close();
        pool.shutdown();
        assertThat(pending).isDone();
        assertThat(here.subscribers()).isZero();
        assertThatThrownBy(() -> join(a.offer()))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CLOSED));
    }

    @Test
    void closingASyncEndsThePeersSessionInOrder() {
        try (Sync a = peer(new TestReplica())) {
            Endpoint endpoint = join(a.listen("memory:x"));
            Sync b = peer(new TestReplica());
            join(join(b.dial(endpoint.address())).backlog());
            // Of equal databases the dialler knows before its last message has come here.
            await().atMost(Duration.ofSeconds(20)).until(() -> !a.sessions().isEmpty());
            Session there = a.sessions().get(0);
            b.close();
            join(there.closed()); // and so without a failure
            assertThat(a.sessions()).isEmpty();
        }
    }

    @Test
    void idleThreadsWorkBeforeNewOnesStart() throws Exception {
        try (WorkerThreads own = new WorkerThreads()) {
            for (int i = 0; i < 50; i++) {
                CompletableFuture<Void> ran = new CompletableFuture<>();
                own.executor().execute(() -> ran.complete(null));
                ran.get(20, TimeUnit.SECONDS);
                // Its thread is idle once it asks the queue again.
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> Thread.getAllStackTraces().keySet().stream()
                                .filter(own::owns)
                                .allMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING));
            }
            assertThat(Thread.getAllStackTraces().keySet().stream().filter(own::owns))
                    .hasSize(1);
        }
    }

    @Test
    void moreTasksThanThreadsAllRun() throws Exception {
        int tasks = 500;
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch ran = new CountDownLatch(tasks);
        try (WorkerThreads own = new WorkerThreads()) {
            for (int i = 0; i < tasks; i++) {
                own.executor().execute(() -> {
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    ran.countDown();
                });
            }
            gate.countDown();
            assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
            own.close();
            assertThatThrownBy(() -> own.executor().execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        }
    }

    @Test
    void aListenerMayCloseItsSync() {
        AtomicReference<Sync> own = new AtomicReference<>();
        CompletableFuture<Void> returned = new CompletableFuture<>();
        try (Sync a = peer(new TestReplica())) {
            Endpoint endpoint = join(a.listen("memory:x"));
            Sync b = Sync.builder(new TestReplica())
                    .transport(network.provider())
                    .listener(new SyncListener() {
                        @Override
                        public void sessionOpened(Session session) {
                            own.get().close();
                            returned.complete(null);
                        }
                    })
                    .build();
            own.set(b);
            CompletableFuture<Session> dialling = b.dial(endpoint.address());
            join(returned);
            await().atMost(Duration.ofSeconds(20)).until(() -> dialling.isDone());
            b.close();
            assertThat(b.sessions()).isEmpty();
        }
    }

    @Test
    void whatUsersAttachMayWaitForTheSession() {
        try (Sync a = peer(new TestReplica());
                Sync b = peer(new TestReplica())) {
            Endpoint endpoint = join(a.listen("memory:x"));
            CompletableFuture<Void> waited = b.dial(endpoint.address()).thenAccept(session -> join(session.backlog()));
            join(waited);
        }
    }

    @Test
    void whatUsersAttachMayCloseTheSync() {
        try (Sync a = peer(new TestReplica())) {
            Sync b = peer(new TestReplica());
            Endpoint endpoint = join(a.listen("memory:x"));
            CompletableFuture<Boolean> closed = b.dial(endpoint.address()).thenApply(session -> {
                b.close();
                return Thread.currentThread().isInterrupted();
            });
            assertThat(join(closed)).as("interrupted").isFalse();
            b.close();
            assertThat(b.sessions()).isEmpty();
        }
    }

    @Test
    void anExecutorOfTheUsersIsUsedAndNotClosed() throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        TestReplica here = new TestReplica();
        TestReplica there = new TestReplica();
        here.put("a", "1");
        try (Sync a = Sync.builder(here)
                        .transport(network.provider())
                        .executor(one)
                        .build();
                Sync b = Sync.builder(there)
                        .transport(network.provider())
                        .executor(one)
                        .build()) {
            join(join(b.dial(join(a.listen("memory:x")).address())).backlog());
            assertThat(there.events()).isEqualTo(here.events());
            assertThat(threads()).allMatch(name -> name.contains("timer"));
        }
        assertThat(one.isShutdown()).isFalse();
        one.shutdown();
        assertThat(one.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    /** ADR 11: a session whose disk is slow still answers, and so do the others. */
    @Test
    void commitsThatWaitForADiskHoldUpNoOtherSession() {
        CountDownLatch disk = new CountDownLatch(1);
        CountDownLatch stuck = new CountDownLatch(1);
        TestReplica hub = new TestReplica();
        TestReplica leaf = new TestReplica();
        List<Sync> peers = new ArrayList<>();
        int many = Math.max(8, 2 * Runtime.getRuntime().availableProcessors()) + 2;
        try (Sync center = Sync.builder(new SlowDisk(hub, stuck, disk).replica())
                        .transport(network.provider())
                        .build();
                Sync reader = peer(leaf)) {
            Endpoint endpoint = join(center.listen("memory:hub"));
            Session reading = join(reader.dial(endpoint.address()));
            join(reading.backlog());
            for (int i = 0; i < many; i++) {
                TestReplica writer = new TestReplica();
                Sync peer = peer(writer);
                peers.add(peer);
                join(join(peer.dial(endpoint.address())).backlog());
                writer.put("doc" + i, "text");
            }
            assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();
            hub.put("meanwhile", "1");
            await("what is written meanwhile")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> leaf.events().equals(hub.events()));
            assertThat(hub.events()).as("commits that came through").hasSize(1);
            disk.countDown();
            await("everything")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> leaf.events().size() == many + 1);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            disk.countDown();
            peers.forEach(Sync::close);
        }
    }

    private Sync peer(TestReplica replica) {
        return Sync.builder(replica).transport(network.provider()).build();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("livesync"))
                .toList();
    }

    private static <T> T join(CompletableFuture<T> stage) {
        try {
            return stage.orTimeout(30, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
