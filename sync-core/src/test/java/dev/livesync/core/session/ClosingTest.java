package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.transport.memory.MemoryNetwork;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A {@code Sync} that is closed from where its Javadoc allows it, after a last write. */
@Timeout(60)
class ClosingTest {
    private static final SyncLimits LIMITS = SyncLimits.builder()
            .deliveryTime(Duration.ofSeconds(5))
            .closeTime(Duration.ofSeconds(2))
            .build();

    private final MemoryNetwork network = new MemoryNetwork();
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();
    private final AtomicReference<@Nullable Sync> closing = new AtomicReference<>();
    private final CompletableFuture<Optional<SyncException>> ended = new CompletableFuture<>();
    private final Sync left = Sync.builder(here).transport(network.provider()).build();

    @AfterEach
    void close() {
        left.close();
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
