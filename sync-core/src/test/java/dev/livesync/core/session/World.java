package dev.livesync.core.session;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.Tuned;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Replicated;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportContext.Scheduler;
import dev.livesync.core.seal.CipherWarmUp;
import dev.livesync.mesh.Mesh;
import dev.livesync.transport.memory.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Any number of peers in the test's own thread: tasks run one at a time in an order that a seed decides, time moves when it
 * is told to, chance comes from the seed.
 */
public final class World {
    private record Timer(long at, long number, Runnable task) {}

    /** In this world nobody makes progress while somebody waits, so {@code Sync.close} must not wait for long. */
    private static final SyncLimits LIMITS = SyncLimits.builder()
            .deliveryTime(Duration.ofMillis(20))
            .closeTime(Duration.ofMillis(20))
            .build();

    private static final int FOREVER = 5_000_000;

    public final long seed;
    public final SplittableRandom random;
    public final MemoryNetwork network = new MemoryNetwork();
    // A Sync that closes says what is left to say on a thread of its own.
    private final List<Runnable> tasks = Collections.synchronizedList(new ArrayList<>());
    private final PriorityBlockingQueue<Timer> timers =
            new PriorityBlockingQueue<>(11, Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
    private long now = 1_000_000_000L;
    private long numbers;
    private int running;
    private Set<String> networks = Set.of("home");
    private boolean inOrder;

    public World(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
    }

    public Scheduler scheduler() {
        return (delay, task) -> {
            Timer timer = new Timer(now + delay.toNanos(), numbers++, task);
            timers.add(timer);
            return () -> timers.remove(timer);
        };
    }

    public LongSupplier nanos() {
        return () -> now;
    }

    /** Moves all machines to other networks. */
    public void networks(String... names) {
        networks = Set.of(names);
    }

    /** For transports that a test uses by hand. */
    public TransportContext context() {
        return new TransportContext() {
            @Override
            public Executor executor() {
                return tasks::add;
            }

            @Override
            public Scheduler scheduler() {
                return World.this.scheduler();
            }

            @Override
            public int maxMessageBytes() {
                return 1 << 20;
            }

            @Override
            public Duration connectTimeout() {
                return Duration.ofSeconds(30);
            }

            @Override
            public Duration closeTimeout() {
                return Duration.ofSeconds(2);
            }
        };
    }

    /** A builder whose every seam is this world. */
    public Sync.Builder peer(Replicated replica) {
        // A task that only the first world of a process has would make its order another one.
        return Tuned.networks(() -> networks, Tuned.with(new CipherWarmUp(0), Sync.builder(replica)))
                .executor(tasks::add)
                .time(scheduler(), nanos())
                .random(random.split())
                .limits(LIMITS);
    }

    /** A dialling peer. */
    public Sync dialling(Replicated replica) {
        return peer(replica).transport(network.provider()).build();
    }

    /** A signalling peer. */
    public Sync signalling(Replicated replica) {
        return peer(replica).transport(network.signalling()).build();
    }

    /** Runs tasks, one at a time in random order, until none is left. */
    public void settle() {
        for (int i = 0; !tasks.isEmpty(); i++) {
            step();
            if (i > FOREVER) {
                throw new AssertionError("seed " + seed + ": it never settles");
            }
        }
    }

    public boolean step() {
        if (tasks.isEmpty()) {
            return false;
        }
        running++;
        try {
            tasks.remove(inOrder ? 0 : random.nextInt(tasks.size())).run();
        } finally {
            running--;
        }
        return true;
    }

    /** Whether the executor is running a task, and not a timer or a caller. */
    public boolean isOnExecutor() {
        return running > 0;
    }

    /** Runs tasks until something is true, or nothing is left to do. */
    public void until(BooleanSupplier condition) {
        for (int i = 0; !condition.getAsBoolean() && step(); i++) {
            if (i > FOREVER) {
                throw new AssertionError("seed " + seed + ": it never settles");
            }
        }
    }

    /** Lets time pass, with everything that falls due. */
    public void pass(Duration time) {
        settle();
        long end = now + time.toNanos();
        for (Timer timer = due(end); timer != null; timer = due(end)) {
            now = Math.max(now, timer.at());
            timer.task().run();
            settle();
        }
        now = end;
    }

    /** Takes the next timer that falls due up to some time; null if there is none. */
    private @Nullable Timer due(long end) {
        for (Timer next = timers.peek(); next != null && next.at() <= end; next = timers.peek()) {
            if (timers.remove(next)) {
                return next;
            }
        }
        return null;
    }

    /** From now on tasks run in the order in which they came, as on any executor of one thread. */
    public void runInOrder() {
        inOrder = true;
    }

    /** Lets time pass, with the timers that fall due, while the executor has no thread for anybody. */
    public void passWhileBusy(Duration time) {
        long end = now + time.toNanos();
        for (Timer timer = due(end); timer != null; timer = due(end)) {
            now = Math.max(now, timer.at());
            timer.task().run();
        }
        now = end;
    }

    public int timers() {
        return timers.size();
    }

    /** Settles and answers with the outcome, which has to be there. */
    public <T> T get(CompletionStage<T> stage) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        until(future::isDone);
        if (!future.isDone()) {
            throw new AssertionError("seed " + seed + ": nothing left to do, and the stage is pending");
        }
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof SyncException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** Begins to close a session, as a listener would: while this thread waits, nothing moves. */
    public void close(Session session) {
        SyncTask.run(session::close);
    }

    /** The same for a kept peer. */
    public void close(KeptPeer peer) {
        SyncTask.run(peer::close);
    }

    /** The same for a mesh. */
    public void close(Mesh mesh) {
        SyncTask.run(mesh::close);
    }

    /** Closes a peer in the middle of things, without a chance for its tasks to run meanwhile. */
    public void closeAbruptly(Sync sync) {
        sync.close();
        settle();
    }

    /** Ends a peer as a closed process would, with its last tasks. */
    public void close(Sync sync) {
        sync.sessions().forEach(this::close);
        settle();
        sync.close();
        settle();
    }
}
