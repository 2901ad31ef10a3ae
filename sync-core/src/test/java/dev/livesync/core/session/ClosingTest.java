package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.transport.memory.MemoryLink;
import dev.livesync.transport.memory.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A session, or a whole {@code Sync}, that is closed after a last write, from wherever the Javadoc allows it: both promise the same. */
@Timeout(60)
class ClosingTest {
    /** What is closed. */
    enum Closed {
        SESSION {
            @Override
            AutoCloseable of(Sync sync, Session session) {
                return session;
            }
        },
        SYNC {
            @Override
            AutoCloseable of(Sync sync, Session session) {
                return sync;
            }
        };

        abstract AutoCloseable of(Sync sync, Session session);
    }

    private static final SyncLimits LIMITS = SyncLimits.builder()
            .deliveryTime(Duration.ofSeconds(5))
            .closeTime(Duration.ofSeconds(2))
            .build();

    /** So that nothing here ends because its time is over. */
    private static final SyncLimits PATIENT = SyncLimits.builder()
            .deliveryTime(Duration.ofSeconds(40))
            .closeTime(Duration.ofSeconds(10))
            .build();

    private final MemoryNetwork network = new MemoryNetwork();
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();
    private final AtomicReference<@Nullable Sync> closing = new AtomicReference<>();
    private final CompletableFuture<Optional<SyncException>> ended = new CompletableFuture<>();
    private final Sync left = Sync.builder(here)
            .transport(network.provider())
            .limits(SyncLimits.builder()
                    .deliveryTime(Duration.ofMillis(100))
                    .closeTime(Duration.ofMillis(100))
                    .build())
            .build();

    @AfterEach
    void close() {
        left.close();
    }

    /** Whoever comes back from a close knows that the peer has everything, and so does whoever closes a second time. */
    @ParameterizedTest
    @EnumSource
    void waitsUntilTheLastWriteIsDelivered(Closed closed) throws Exception {
        CountDownLatch stored = new CountDownLatch(1);
        Sync slow = Sync.builder(here)
                .transport(network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void committed(Session session, CommitResult result) {
                        try {
                            stored.await(); // nothing is acknowledged until then
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                })
                .build();
        Sync right = Sync.builder(there)
                .transport(network.provider())
                .limits(PATIENT)
                .build();
        Session session = join(right.dial(join(slow.listen("memory:")).address()));
        there.put("bob", "1");
        AutoCloseable one = closed.of(right, session);
        List<CompletableFuture<Boolean>> over = new ArrayList<>();
        List<Thread> closers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            CompletableFuture<Boolean> result = new CompletableFuture<>();
            over.add(result);
            closers.add(new Thread(() -> {
                try {
                    one.close();
                    result.complete(session.closed().isDone() && stored.getCount() == 0);
                } catch (Throwable e) {
                    result.completeExceptionally(e);
                }
            }));
        }
        closers.forEach(Thread::start);
        Awaitility.await()
                .until(() -> closers.stream()
                        .allMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING
                                || thread.getState() == Thread.State.TERMINATED));
        stored.countDown();
        for (CompletableFuture<Boolean> result : over) {
            assertThat(result.get(20, TimeUnit.SECONDS)).as("it is over").isTrue();
        }
        assertThat(session.closed()).isCompletedWithValue(null);
        assertThat(here.events()).isNotEmpty().isEqualTo(there.events());
        right.close();
        slow.close();
    }

    /** A peer that hears nothing holds up nobody for longer than the limits say. */
    @ParameterizedTest
    @EnumSource
    void givesUpWhenItsTimeIsOver(Closed closed) throws Exception {
        Sync right = Sync.builder(there)
                .transport(network.provider())
                .limits(SyncLimits.builder()
                        .deliveryTime(Duration.ofMillis(50))
                        .closeTime(Duration.ofMillis(50))
                        .build())
                .listener(new Endings())
                .build();
        Session session = join(right.dial(join(left.listen("memory:")).address()));
        network.faults().links().forEach(MemoryLink::silence);
        there.put("bob", "1");
        closed.of(right, session).close();
        assertThat(session.closed()).isCompletedExceptionally();
        assertThat(ended.get(20, TimeUnit.SECONDS).orElseThrow().kind()).isEqualTo(ErrorKind.TIMEOUT);
        right.close();
    }

    /** Nothing could be delivered while a listener waits for that: from there a close returns, and goes on. */
    @ParameterizedTest
    @EnumSource
    void returnsAtOnceToAListener(Closed closed) throws Exception {
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        Sync right = Sync.builder(there)
                .transport(network.provider())
                .limits(PATIENT)
                .listener(new Endings())
                .listener(new SyncListener() {
                    @Override
                    public void sessionOpened(Session session) {
                        there.put("bob", "1");
                        try {
                            closed.of(Objects.requireNonNull(closing.get()), session)
                                    .close();
                            over.complete(session.closed().isDone());
                        } catch (Exception e) {
                            over.completeExceptionally(e);
                        }
                    }
                })
                .build();
        closing.set(right);
        var unused = right.dial(join(left.listen("memory:")).address());
        assertThat(over.get(20, TimeUnit.SECONDS)).as("it is over").isFalse();
        theLastWriteHasArrived();
        right.close();
    }

    /** The first word of a session is the earliest at which anybody can close. */
    @Test
    void byAListenerThatHearsOfANewSession() throws Exception {
        Sync right = Sync.builder(there)
                .transport(network.provider())
                .limits(LIMITS)
                .listener(new Endings())
                .listener(new SyncListener() {
                    @Override
                    public void sessionOpened(Session session) {
                        there.put("bob", "1");
                        Objects.requireNonNull(closing.get()).close();
                    }
                })
                .build();
        closing.set(right);
        var unused = right.dial(join(left.listen("memory:")).address());
        theLastWriteHasArrived();
    }

    /** With the fewest threads that an executor of the user's may have: a close that waits takes the only one. */
    @Test
    void byWhatIsAttachedToAStageOnAnExecutorOfTheUsers() throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        try {
            Sync right = Sync.builder(there)
                    .transport(network.provider())
                    .limits(LIMITS)
                    .executor(one)
                    .listener(new Endings())
                    .build();
            String address = join(left.listen("memory:")).address();
            CountDownLatch attached = new CountDownLatch(1);
            one.execute(() -> {
                try {
                    attached.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            CompletableFuture<Void> closed = right.dial(address).thenAccept(session -> {
                there.put("bob", "1");
                right.close();
            });
            attached.countDown();
            closed.get(20, TimeUnit.SECONDS);
            theLastWriteHasArrived();
            right.close();
        } finally {
            one.shutdown();
        }
    }

    private void theLastWriteHasArrived() throws Exception {
        assertThat(ended.get(20, TimeUnit.SECONDS)).as("what ended the session").isEmpty();
        assertThat(here.events()).isNotEmpty().isEqualTo(there.events());
    }

    private final class Endings implements SyncListener {
        @Override
        public void sessionClosed(Session session, @Nullable SyncException failure) {
            ended.complete(Optional.ofNullable(failure));
        }
    }

    private static <T> T join(CompletableFuture<T> stage) {
        return stage.join();
    }
}
