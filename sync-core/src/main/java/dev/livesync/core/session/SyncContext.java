package dev.livesync.core.session;

import dev.livesync.AddressPolicy;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.core.Tunables;
import dev.livesync.core.handshake.Tokens;
import dev.livesync.core.message.Feature;
import dev.livesync.core.monitor.RunningCounts;
import dev.livesync.core.presence.PresenceService;
import dev.livesync.core.protocol.Budget;
import dev.livesync.core.protocol.Memory;
import dev.livesync.core.seal.CipherWarmUp;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
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
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What all sessions of one {@code Sync} share, and the list of what has to end with it. Any thread.
 *
 * <p>Time, chance and threads come from here and from nowhere else.
 */
public final class SyncContext implements TransportContext {
    private static final System.Logger LOG = System.getLogger(SyncContext.class.getName());
    /** How many commits may wait for the disk at once: enough to share its writes, and half of the threads that a {@code Sync} has of its own. */
    private static final int COMMITS = WorkerThreads.LEAST / 2;

    /** An id that nobody else has. */
    private static final int PRESENCE_ID_BYTES = 16;

    /** What a channel may have to carry in one message: an alpha's largest, or a piece of ours. */
    private static final int ALPHA_MESSAGE = 262_144;

    private final Replica replica;
    private final Environment environment;
    private final SyncLimits limits;
    private final Tunables tunables;
    private final AddressPolicy policy;
    private final String database;
    private final Set<Feature> features;
    private volatile @Nullable Boolean withBlocks;
    private final @Nullable WriteCheck check;
    private final List<SyncListener> listeners;
    private final Set<SyncListener> complainedOf =
            Collections.newSetFromMap(Collections.synchronizedMap(new IdentityHashMap<>()));
    private final TailExecutor executor;
    private final BoundedExecutor commits;
    private final Budget arriving;
    private final Budget leaving;
    private final SessionRegistry registry = new SessionRegistry();
    private final RefusalSender refusals;
    private final PresenceService presence;
    private final Set<ManagedResource> resources = new LinkedHashSet<>();
    private volatile PathMemory paths = new PathMemory(this::now, Set::of);
    private volatile Introducer introducer = Introducer.NONE;
    private boolean closed;

    /**
     * Makes a context without sessions.
     *
     * @param replica what is synchronised
     * @param environment time, chance and threads
     * @param limits how much and how long
     * @param tunables the limits that no user turns
     * @param policy what accepted offers may make us dial
     * @param database what the user calls the database; empty where it got no name
     * @param features what is said in handshakes
     * @param check asked about what peers send; null if nobody is
     * @param listeners told what happens
     */
    public SyncContext(
            Replica replica,
            Environment environment,
            SyncLimits limits,
            Tunables tunables,
            AddressPolicy policy,
            String database,
            Set<Feature> features,
            @Nullable WriteCheck check,
            List<SyncListener> listeners) {
        this.replica = replica;
        this.environment = environment;
        this.limits = limits;
        this.tunables = tunables;
        this.policy = policy;
        this.database = database;
        this.features = Set.copyOf(features);
        this.check = check;
        this.listeners = List.copyOf(listeners);
        this.executor = new TailExecutor(environment.executor());
        this.commits = new BoundedExecutor(executor, COMMITS);
        this.refusals = new RefusalSender(tunables.refusals());
        this.presence = new PresenceService(
                this::now,
                this::later,
                this::schedule,
                () -> random(random -> Tokens.random(random, PRESENCE_ID_BYTES)));
        this.arriving = new Budget(limits.transitBytes() / 2);
        this.leaving = new Budget(limits.transitBytes() / 2);
    }

    /**
     * Where a {@code Sync} gets time, chance and threads.
     *
     * @param executor runs everything
     * @param scheduler timers
     * @param nanos monotonic time in nanoseconds
     * @param clock what time it is
     * @param random secrets and keys; used by one thread at a time
     * @param warmUp begun when sealed messages are long
     */
    public record Environment(
            Executor executor,
            Scheduler scheduler,
            LongSupplier nanos,
            InstantSource clock,
            RandomGenerator random,
            CipherWarmUp warmUp) {}

    @Override
    public Executor executor() {
        return executor;
    }

    /** The same, for those whose tasks go on with one another. */
    TailExecutor tails() {
        return executor;
    }

    /** Called for long sealed messages; most calls do nothing. */
    void warmUp() {
        environment.warmUp().begin(executor);
    }

    @Override
    public Scheduler scheduler() {
        return environment.scheduler();
    }

    @Override
    public int maxMessageBytes() {
        return Math.max(ALPHA_MESSAGE, tunables.pieceBytes());
    }

    @Override
    public int inboundQueueBytes() {
        long window = Math.min(tunables.window(), Integer.MAX_VALUE / 4);
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

    /**
     * How much and how long.
     *
     * @return the limits
     */
    public SyncLimits limits() {
        return limits;
    }

    /**
     * The limits that no user turns.
     *
     * @return the tunables
     */
    public Tunables tunables() {
        return tunables;
    }

    /**
     * How long a peer may take to prove that it knows the secret: a third of what a connection may take, since both ends prove in turn.
     *
     * @return by default 10 seconds
     */
    public Duration proofTime() {
        return limits.connectTime().dividedBy(3);
    }

    /**
     * How long a caller whom nobody knows may take for its first message; at most {@link #proofTime}.
     *
     * @return by default 2 seconds
     */
    public Duration firstMessageTime() {
        Duration most = Duration.ofMillis(tunables.firstMessageMillis());
        return most.compareTo(proofTime()) < 0 ? most : proofTime();
    }

    /**
     * What accepted offers may make us dial.
     *
     * @return the policy
     */
    public AddressPolicy policy() {
        return policy;
    }

    /**
     * The sessions of this {@code Sync}.
     *
     * @return the registry
     */
    public SessionRegistry registry() {
        return registry;
    }

    /**
     * What peers show each other for the moment.
     *
     * @return the same each time
     */
    public PresenceService presence() {
        return presence;
    }

    /**
     * Turns callers away.
     *
     * @return the sender
     */
    public RefusalSender refusals() {
        return refusals;
    }

    /**
     * Monotonic time.
     *
     * @return nanoseconds since some moment
     */
    public long now() {
        return environment.nanos().getAsLong();
    }

    /**
     * Makes something random; the source sees one thread at a time.
     *
     * @param use draws from the source
     * @param <T> what is made
     * @return what was made
     */
    public <T> T random(java.util.function.Function<RandomGenerator, T> use) {
        synchronized (environment) {
            return use.apply(environment.random());
        }
    }

    /**
     * The same source for those who keep it.
     *
     * @return may be used by any thread
     */
    RandomGenerator random() {
        return () -> random(RandomGenerator::nextLong);
    }

    /**
     * What the user calls the database.
     *
     * @return empty where it got no name
     */
    public String database() {
        return database;
    }

    /** Takes what a peer may send at once. Before the handshake says so; the caller closes it. */
    Budget.Share promise() {
        return Memory.promise(arriving, tunables.window());
    }

    /** How many bytes the handshake says. */
    long granted(Budget.Share promised) {
        return Memory.granted(promised, tunables.window());
    }

    /** For a peer that was promised nothing. */
    Budget.Share nothing() {
        return arriving.share(() -> {});
    }

    /** Asked about what peers send; null if nobody is. */
    @Nullable
    WriteCheck check() {
        return check;
    }

    /**
     * The time of the wall's clock, for what ends at a date.
     *
     * @return now
     */
    public Instant wallTime() {
        return environment.clock().instant();
    }

    /**
     * A session's parts of the memory for what is under way.
     *
     * @param promised what our handshake granted; the session's from now on
     * @param onTurn called when it is worth trying again
     */
    Memory memory(Budget.Share promised, Runnable onTurn) {
        return new Memory(promised.bind(onTurn), leaving.share(onTurn));
    }

    /**
     * What is under way.
     *
     * @return the counts of this moment
     */
    public RunningCounts.UnderWay underWay() {
        return new RunningCounts.UnderWay(commits.running(), commits.waiting(), arriving.taken(), leaving.taken());
    }

    /** How much memory sessions have taken for what arrives, and for what leaves. */
    long[] transit() {
        return new long[] {arriving.taken(), leaving.taken()};
    }

    /**
     * The features that this end speaks, by their names in signals.
     *
     * @return the names, ascending
     */
    public List<String> featureNames() {
        return features.stream().map(Feature::wireName).sorted().toList();
    }

    /**
     * The same for the handshakes over a transport: a bit for each.
     *
     * @param transport its id
     */
    long featureBits(String transport) {
        long bits = Feature.bits(features);
        if (!hasBlocks()) {
            bits &= ~Feature.bits(Set.of(Feature.BLOCKS));
        }
        return introducer.introduces(transport) ? bits : bits & ~Feature.bits(Set.of(Feature.INTRODUCE));
    }

    /** Whether the replica has blocks beside its events. It is asked once, and not by everybody who calls. */
    private boolean hasBlocks() {
        Boolean known = withBlocks;
        if (known == null) {
            known = replica.blocks().isPresent();
            withBlocks = known;
        }
        return known;
    }

    /**
     * Sets who finds direct channels for sessions on relayed ones; before there are any.
     *
     * @param newIntroducer by default nobody
     * @param networks this machine's addresses: where they have changed, there may be paths that there were not
     */
    public void introduceBy(Introducer newIntroducer, Supplier<Set<String>> networks) {
        paths = new PathMemory(this::now, networks);
        introducer = newIntroducer;
    }

    /** Who finds direct channels for sessions on relayed ones. */
    Introducer introducer() {
        return introducer;
    }

    /** To whom there were none. */
    PathMemory paths() {
        return paths;
    }

    /**
     * Runs a task on the executor; where that takes no more, here and now, since nothing else is going to.
     *
     * @param task what to run
     */
    public void later(Runnable task) {
        AtomicBoolean begun = new AtomicBoolean();
        Runnable once = () -> {
            if (begun.compareAndSet(false, true)) {
                SyncTask.run(task);
            }
        };
        try {
            environment.executor().execute(once);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            once.run(); // unless it was taken all the same: some pools fail only then, for want of a thread
        }
    }

    /** Where commits run. */
    BoundedExecutor commits() {
        return commits;
    }

    /**
     * Runs a task later, unless the result is run first. On the timer, which all deadlines share: the task only hands on what is due.
     *
     * @param delay from now on
     * @param task what to run
     * @return cancels the task
     */
    public Runnable schedule(Duration delay, Runnable task) {
        try {
            return environment.scheduler().schedule(delay, task)::cancel;
        } catch (RejectedExecutionException e) {
            return () -> {};
        }
    }

    /**
     * Tells every listener; one that throws doesn't concern the others, or us.
     *
     * @param event calls the listener
     */
    public void tell(Consumer<SyncListener> event) {
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

    /**
     * Begins an asynchronous undertaking.
     *
     * @param discard gets rid of a result that comes too late
     * @param <T> the result
     * @return the attempt, which has failed if this {@code Sync} is closed
     */
    public <T> Attempt<T> attempt(Consumer<? super T> discard) {
        return new Attempt<>(this, discard);
    }

    /**
     * Adds to what ends with this {@code Sync}.
     *
     * @param resource to be ended
     * @return false if this {@code Sync} has ended already
     */
    public boolean admit(ManagedResource resource) {
        synchronized (resources) {
            return !closed && resources.add(resource);
        }
    }

    /**
     * Takes away from what ends with this {@code Sync}.
     *
     * @param resource that has ended by itself
     */
    public void leave(ManagedResource resource) {
        synchronized (resources) {
            resources.remove(resource);
        }
    }

    /**
     * Whether this {@code Sync} has ended.
     *
     * @return true from the beginning of the end
     */
    public boolean isClosed() {
        synchronized (resources) {
            return closed;
        }
    }

    /**
     * Ends whatever is here but sessions, and admits nothing more.
     *
     * @param reason what pending calls are told
     */
    public void end(SyncException reason) {
        List<ManagedResource> ending;
        synchronized (resources) {
            closed = true;
            ending = new ArrayList<>(resources);
        }
        for (int i = ending.size() - 1; i >= 0; i--) {
            ending.get(i).end(reason);
        }
        presence.end();
    }
}
