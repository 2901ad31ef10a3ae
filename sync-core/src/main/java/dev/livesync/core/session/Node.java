package dev.livesync.core.session;

import dev.livesync.AddressPolicy;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.core.auth.Greeting;
import dev.livesync.core.engine.Budget;
import dev.livesync.core.engine.Memory;
import dev.livesync.core.wire.Feature;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What all sessions of one {@code Sync} share, and the list of what has to end with it. Any thread.
 *
 * <p>Time, chance and threads come from here and from nowhere else.
 */
public final class Node implements TransportContext {
    private static final System.Logger LOG = System.getLogger(Node.class.getName());
    private static final List<String> FEATURES =
            Arrays.stream(Feature.values()).map(Feature::wireName).sorted().toList();

    /** How many commits may wait for the disk at once: enough to share its writes, and half of the threads that a node has of its own. */
    private static final int COMMITS = Threads.LEAST / 2;

    /** A session gets this much, however many there are. */
    private static final long LEAST_GRANT = 64 << 10;

    /** What a channel may have to carry in one message: an alpha's largest, or a piece of ours. */
    private static final int ALPHA_MESSAGE = 262_144;

    private final Replica replica;
    private final Seams seams;
    private final SyncLimits limits;
    private final AddressPolicy policy;
    private final List<SyncListener> listeners;
    private final Set<SyncListener> complainedOf =
            Collections.newSetFromMap(Collections.synchronizedMap(new IdentityHashMap<>()));
    private final Lane commits;
    private final Budget arriving;
    private final Budget leaving;
    private final Slots slots = new Slots();
    private final Farewells farewells;
    private final Set<Tenant> tenants = new LinkedHashSet<>();
    private boolean closed;

    /**
     * A node without sessions.
     *
     * @param replica what is synchronised
     * @param seams time, chance and threads
     * @param limits how much and how long
     * @param policy what accepted offers may make us dial
     * @param listeners told what happens
     */
    public Node(Replica replica, Seams seams, SyncLimits limits, AddressPolicy policy, List<SyncListener> listeners) {
        this.replica = replica;
        this.seams = seams;
        this.limits = limits;
        this.policy = policy;
        this.listeners = List.copyOf(listeners);
        this.commits = new Lane(seams.executor(), COMMITS);
        this.farewells = new Farewells(limits.unproved());
        this.arriving = new Budget(limits.transitBytes() / 2);
        this.leaving = new Budget(limits.transitBytes() / 2);
    }

    /**
     * Where a {@code Sync} gets time, chance and threads.
     *
     * @param executor runs everything
     * @param scheduler timers
     * @param nanos monotonic time in nanoseconds
     * @param random secrets and nonces; used by one thread at a time
     */
    public record Seams(Executor executor, Scheduler scheduler, LongSupplier nanos, RandomGenerator random) {}

    @Override
    public Executor executor() {
        return seams.executor();
    }

    @Override
    public Scheduler scheduler() {
        return seams.scheduler();
    }

    @Override
    public int maxMessageBytes() {
        return Math.max(ALPHA_MESSAGE, limits.pieceBytes());
    }

    @Override
    public int inboundQueueBytes() {
        long window = Math.min(limits.window(), Integer.MAX_VALUE / 4);
        return (int) Math.max(16L << 20, 2 * window + maxMessageBytes());
    }

    @Override
    public Duration connectTimeout() {
        return limits.connectTime();
    }

    @Override
    public Duration closeTimeout() {
        return limits.closeTime().isZero() ? Duration.ofMillis(1) : limits.closeTime();
    }

    Replica replica() {
        return replica;
    }

    SyncLimits limits() {
        return limits;
    }

    AddressPolicy policy() {
        return policy;
    }

    Slots slots() {
        return slots;
    }

    Farewells farewells() {
        return farewells;
    }

    long now() {
        return seams.nanos().getAsLong();
    }

    /** Makes something random; the source sees one thread at a time. */
    <T> T random(java.util.function.Function<RandomGenerator, T> use) {
        synchronized (seams) {
            return use.apply(seams.random());
        }
    }

    /** What this side says of itself, with a nonce of its own. */
    Greeting greeting() {
        return random(r -> Greeting.fresh(r, FEATURES, firstGrant()));
    }

    /** What a peer may send at once: a part of what there is room for now, so that those who come later get some, too. */
    private long firstGrant() {
        return Math.min(limits.window(), Math.max(LEAST_GRANT, arriving.free() / 8));
    }

    /**
     * A session's parts of the memory for what is under way.
     *
     * @param onTurn called when it is worth trying again
     * @param firstGrant what our greeting granted
     */
    Memory memory(Runnable onTurn, long firstGrant) {
        return new Memory(arriving.share(onTurn), leaving.share(onTurn), firstGrant);
    }

    /** How much memory sessions have taken for what arrives, and for what leaves. */
    long[] transit() {
        return new long[] {arriving.taken(), leaving.taken()};
    }

    static List<String> features() {
        return FEATURES;
    }

    /** Runs a task once, on the executor; where that takes no more, here and now, since nothing else is going to. */
    void later(Runnable task) {
        AtomicBoolean begun = new AtomicBoolean();
        Runnable once = () -> {
            if (begun.compareAndSet(false, true)) {
                Inside.run(task);
            }
        };
        try {
            seams.executor().execute(once);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            once.run(); // unless it was taken all the same: some pools fail only then, for want of a thread
        }
    }

    /** Where commits run. */
    Lane commits() {
        return commits;
    }

    /** Runs a task later, unless the result is run first. On the timer, which all deadlines share: the task only hands on what is due. */
    Runnable schedule(Duration delay, Runnable task) {
        try {
            return seams.scheduler().schedule(delay, task)::cancel;
        } catch (RejectedExecutionException e) {
            return () -> {};
        }
    }

    /** Tells every listener; one that throws doesn't concern the others, or us. */
    void tell(Consumer<SyncListener> event) {
        for (SyncListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException | Error e) {
                // Once is news; a listener that always throws is not.
                Level level = complainedOf.add(listener) ? Level.WARNING : Level.DEBUG;
                LOG.log(level, "a listener threw", e);
            }
        }
    }

    /** Something that was begun, and what becomes of a result that comes too late. */
    <T> Attempt<T> attempt(Consumer<? super T> discard) {
        return new Attempt<>(this, discard);
    }

    /** Adds to what ends with the node; false if that has ended already. */
    boolean admit(Tenant tenant) {
        synchronized (tenants) {
            return !closed && tenants.add(tenant);
        }
    }

    void leave(Tenant tenant) {
        synchronized (tenants) {
            tenants.remove(tenant);
        }
    }

    boolean isClosed() {
        synchronized (tenants) {
            return closed;
        }
    }

    /**
     * Ends whatever is here but sessions, and admits nothing more.
     *
     * @param reason what pending calls are told
     */
    void end(SyncException reason) {
        List<Tenant> ending;
        synchronized (tenants) {
            closed = true;
            ending = new ArrayList<>(tenants);
        }
        for (int i = ending.size() - 1; i >= 0; i--) {
            ending.get(i).end(reason);
        }
    }
}
