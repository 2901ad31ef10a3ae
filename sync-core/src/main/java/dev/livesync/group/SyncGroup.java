package dev.livesync.group;

import dev.livesync.Endpoint;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.api.replica.Replicated;
import dev.livesync.api.transport.TransportContext.Scheduler;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.core.multiplex.ConnectionPool;
import dev.livesync.core.multiplex.NamedTransportProvider;
import dev.livesync.core.seal.HandshakeWarmUp;
import dev.livesync.core.session.SyncTask;
import dev.livesync.core.session.WorkerThreads;
import dev.livesync.core.transports.Transports;
import dev.livesync.grant.Grants;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Several databases, each with a name and a {@link Sync} of its own, which share connections: of all that dial one address there is one connection,
 * and of all that listen at one address one listener. So a scope is shared without the rest: each database has its own secret or grants.
 *
 * <pre>{@code
 * try (SyncGroup group = new SyncGroup()) {
 *     Sync todos = group.add("todos", todosDatabase);
 *     Sync photos = group.add("photos", photosDatabase);
 *     todos.keep(address + "#" + todosSecret);
 *     photos.keep(address + "#" + photosSecret); // over the same connection
 * }
 * }</pre>
 *
 * <p>What a {@link Sync} of a group does is what any other does, and it is used alike: {@link Sync#listen(String)}, {@link Sync#dial(String)}, {@link
 * Sync#keep(String)}, grants. Three things are different:
 *
 * <ul>
 *   <li>Both ends have to be groups, and call the database the same. A peer that is none is told {@link ErrorKind#UNSUPPORTED}, and fails with that
 *       where it is dialled.
 *   <li>A database that isn't served, and one for which the secret is wrong or the grant gone, fail alike, with {@link ErrorKind#AUTHENTICATION}, so that
 *       a stranger doesn't learn which there are. So a kept peer stops there: add all databases before they listen, by {@link #listen}.
 *   <li>A connection ends when its last session has, or when it breaks: all of its sessions fail then, and those that are {@linkplain Sync#keep(String)
 *       kept} dial again, together.
 * </ul>
 *
 * <p>Transports without addresses, such as WebRTC, connect one database each, as without a group. A session on a relayed connection stays there.
 *
 * <p>Any thread. No method blocks but {@link #remove} and {@link #close}.
 */
public final class SyncGroup implements AutoCloseable {
    /** How many databases a group has at most. */
    public static final int MAX_DATABASES = 256;

    private static final Duration THREADS_AND_TRANSPORTS = Duration.ofSeconds(30);

    private final GroupContext context;
    private final LongSupplier nanos;
    private final @Nullable WorkerThreads threads;
    private final List<ConnectionPool> pools = new ArrayList<>();
    private final List<TransportProvider> signalling = new ArrayList<>();
    private final List<TransportProvider> shared = new ArrayList<>();
    private final Map<String, Sync> syncs = new TreeMap<>();
    private @Nullable CompletableFuture<Void> done;

    /** Makes a group without databases, with all the defaults: its transports are those that {@link java.util.ServiceLoader} finds. */
    public SyncGroup() {
        this(new Builder());
    }

    private SyncGroup(Builder b) {
        threads = b.executor == null || b.scheduler == null ? new WorkerThreads() : null;
        Executor executor = b.executor != null
                ? b.executor
                : Objects.requireNonNull(threads).executor();
        Scheduler scheduler = b.scheduler != null
                ? b.scheduler
                : Objects.requireNonNull(threads).scheduler();
        nanos = b.nanos;
        context = new GroupContext(executor, scheduler, b.limits);
        RandomGenerator random = b.random != null ? b.random : new SecureRandom();
        for (TransportProvider provider :
                Transports.collect(b.given, b.named, context).providers()) {
            if (provider.schemes().isEmpty()) {
                signalling.add(provider);
            } else {
                shared.add(provider);
                pools.add(new ConnectionPool(provider, context, () -> salt(random), nanos));
            }
        }
        if (threads != null) {
            HandshakeWarmUp.OF_PROCESS.begin(threads.executor());
        }
    }

    private static byte[] salt(RandomGenerator random) {
        byte[] salt = new byte[ConnectionPool.SALT_BYTES];
        synchronized (random) {
            random.nextBytes(salt);
        }
        return salt;
    }

    /**
     * Makes a builder, for other choices than the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Adds a database.
     *
     * @param name what both ends call it: 1 to 255 characters. It isn't secret, and travels as a hash
     * @param database what to synchronise; stays the caller's to close, after the group, or after {@link #remove}
     * @return its {@code Sync}, which the group closes
     * @throws SyncException {@link ErrorKind#CONFIGURATION} for a name that is too long, or empty; {@link ErrorKind#IN_USE} if there is a database of
     *     this name; {@link ErrorKind#LIMIT_EXCEEDED} if there are {@value #MAX_DATABASES}; {@link ErrorKind#CLOSED}
     */
    public Sync add(String name, Replicated database) {
        return add(name, database, builder -> {});
    }

    /**
     * Adds a database, with choices of its own.
     *
     * @param name as for {@link #add(String, Replicated)}
     * @param database as for {@link #add(String, Replicated)}
     * @param choices makes them: listeners, an authorizer, limits. Transports, threads, timers and the name are the group's, whatever it says
     * @return as {@link #add(String, Replicated)}
     * @throws SyncException as {@link #add(String, Replicated)}, and what {@code choices} throws
     */
    public Sync add(String name, Replicated database, Consumer<Sync.Builder> choices) {
        Objects.requireNonNull(name, "name");
        Sync.Builder builder = Sync.builder(database).limits(context.limits());
        choices.accept(builder);
        builder.databaseName(name).executor(context.executor()).time(context.scheduler(), nanos);
        pools.forEach(pool -> builder.transport(new NamedTransportProvider(pool, name)));
        signalling.forEach(builder::transport);
        synchronized (this) {
            requireOpen();
            if (syncs.containsKey(name)) {
                throw new SyncException(ErrorKind.IN_USE, "the group has a database of the name '" + name + "'");
            }
            if (syncs.size() >= MAX_DATABASES) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED, "a group has at most " + MAX_DATABASES + " databases");
            }
            Sync sync = builder.build();
            syncs.put(name, sync);
            return sync;
        }
    }

    private void requireOpen() {
        if (done != null) {
            throw new SyncException(ErrorKind.CLOSED, "this group is closed");
        }
    }

    /**
     * The {@code Sync} of a database.
     *
     * @param name the database's
     * @return empty if there is none of this name
     */
    public synchronized Optional<Sync> find(String name) {
        return Optional.ofNullable(syncs.get(Objects.requireNonNull(name, "name")));
    }

    /**
     * The names of the databases.
     *
     * @return a copy, ascending
     */
    public synchronized Set<String> names() {
        return new TreeSet<>(syncs.keySet());
    }

    /**
     * Takes a database away: closes its {@code Sync}, in order and within its limits, and waits for that. Connections that others use live on.
     *
     * @param name the database's
     * @return false if there is none of this name
     */
    public boolean remove(String name) {
        Sync sync = find(name).orElse(null);
        if (sync == null) {
            return false;
        }
        sync.close();
        synchronized (this) {
            return syncs.remove(name, sync);
        }
    }

    /**
     * Listens with all databases of this moment, each with a new secret, or with the one that is the address's fragment.
     *
     * @param address where, such as {@code ws://0.0.0.0:9000/}
     * @return as {@link #listen(String, Map)}
     */
    public CompletableFuture<Map<String, Endpoint>> listen(String address) {
        Objects.requireNonNull(address, "address");
        return listen(address, names(), (sync, name) -> sync.listen(address));
    }

    /**
     * Listens with some databases, each for those who have a grant of its own. The address is bound when all of them are there, so nobody is turned away
     * who comes early. A database that is added later listens by its own {@link Sync#listen(String, Grants)} at the address as bound.
     *
     * @param address where
     * @param grants of each database that is to listen, by its name
     * @return completes, with an endpoint for each, when the address is bound. Fails as {@link Sync#listen(String)}, and then nobody listens; with
     *     {@link ErrorKind#NOT_FOUND} for a name that isn't here
     */
    public CompletableFuture<Map<String, Endpoint>> listen(String address, Map<String, Grants> grants) {
        Objects.requireNonNull(address, "address");
        Map<String, Grants> copy = Map.copyOf(grants);
        return listen(
                address, copy.keySet(), (sync, name) -> sync.listen(address, Objects.requireNonNull(copy.get(name))));
    }

    /** Begins to listen with one database. */
    private interface ListenCall {
        CompletableFuture<Endpoint> begin(Sync sync, String name);
    }

    private CompletableFuture<Map<String, Endpoint>> listen(String address, Set<String> names, ListenCall call) {
        Map<String, Sync> who = new TreeMap<>();
        Consumer<SyncException> giveUp;
        try {
            for (String name : names) {
                who.put(
                        name,
                        find(name)
                                .orElseThrow(() -> new SyncException(
                                        ErrorKind.NOT_FOUND, "the group has no database of the name '" + name + "'")));
            }
            if (who.isEmpty()) {
                throw new SyncException(ErrorKind.CONFIGURATION, "no database is to listen at " + place(address));
            }
            giveUp = pool(address).gather(place(address), who.keySet());
        } catch (SyncException e) {
            return FailedFutures.of(e);
        }
        return new JointListen(who.keySet(), giveUp)
                .begin(name -> call.begin(Objects.requireNonNull(who.get(name)), name));
    }

    private ConnectionPool pool(String address) {
        String scheme = Transports.scheme(address);
        for (int i = 0; i < pools.size(); i++) {
            if (scheme != null && shared.get(i).schemes().contains(scheme)) {
                return pools.get(i);
            }
        }
        throw new SyncException(
                ErrorKind.CONFIGURATION, "no transport that can be shared is here for '" + place(address) + "'");
    }

    /** An address without its secret. */
    private static String place(String address) {
        int hash = address.indexOf('#');
        return hash < 0 ? address : address.substring(0, hash);
    }

    /**
     * Closes all databases' {@code Sync}s, at the same time and as {@link Sync#close} does, then the connections, transports and own threads. The databases
     * stay open. Idempotent; a second call waits for the first. From a thread that this would wait for, it returns at once and goes on elsewhere. Never
     * throws.
     */
    @Override
    public void close() {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> first;
        Collection<Sync> open;
        synchronized (this) {
            if (done == null) {
                done = mine;
            }
            first = done;
            open = List.copyOf(syncs.values());
        }
        if (first == mine) {
            start(() -> finish(open, mine));
        }
        if (!SyncTask.isRunning()) {
            SyncLimits limits = context.limits();
            SyncTask.await(
                    first,
                    limits.deliveryTime()
                            .plus(limits.closeTime().multipliedBy(2))
                            .plus(THREADS_AND_TRANSPORTS));
        }
    }

    private void finish(Collection<Sync> open, CompletableFuture<Void> mine) {
        try {
            List<CompletableFuture<Void>> ends = new ArrayList<>();
            for (Sync sync : open) {
                CompletableFuture<Void> end = new CompletableFuture<>();
                ends.add(end);
                start(() -> {
                    try {
                        sync.close();
                    } finally {
                        end.complete(null);
                    }
                });
            }
            CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new)).join();
            pools.forEach(ConnectionPool::close);
            if (threads != null) {
                threads.close();
            }
        } finally {
            mine.complete(null);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "livesync-close");
        thread.setDaemon(true);
        thread.start();
    }

    /** Collects choices; every one has a default. Not for use by several threads at once. */
    public static final class Builder {
        private final List<TransportProvider> given = new ArrayList<>();
        private final List<String> named = new ArrayList<>();
        private SyncLimits limits = SyncLimits.defaults();
        private LongSupplier nanos = System::nanoTime;
        private @Nullable Executor executor;
        private @Nullable Scheduler scheduler;
        private @Nullable RandomGenerator random;

        private Builder() {}

        /**
         * Uses a transport that carries its own configuration. As soon as one transport is given or named, only those that are will be used.
         *
         * @param provider the transport
         * @return this
         */
        public Builder transport(TransportProvider provider) {
            given.add(Objects.requireNonNull(provider, "provider"));
            return this;
        }

        /**
         * Uses a transport that {@link java.util.ServiceLoader} finds. As soon as one transport is given or named, only those that are will be used.
         *
         * @param id its id
         * @return this
         */
        public Builder transport(String id) {
            named.add(Objects.requireNonNull(id, "id"));
            return this;
        }

        /**
         * Sets the limits of connections, and those of each database unless it has its own.
         *
         * @param newLimits by default {@link SyncLimits#defaults}
         * @return this
         */
        public Builder limits(SyncLimits newLimits) {
            limits = Objects.requireNonNull(newLimits, "newLimits");
            return this;
        }

        /**
         * Runs everything on an executor of the caller's, as {@link Sync.Builder#executor} has it. By default a few daemon threads for the whole group.
         *
         * @param newExecutor takes tasks until {@link SyncGroup#close} has returned to whoever waits for it
         * @return this
         */
        public Builder executor(Executor newExecutor) {
            executor = Objects.requireNonNull(newExecutor, "newExecutor");
            return this;
        }

        /**
         * Sets where timers and the time come from; for tests that own the time.
         *
         * @param newScheduler one-shot timers
         * @param newNanos monotonic time in nanoseconds
         * @return this
         */
        public Builder time(Scheduler newScheduler, LongSupplier newNanos) {
            scheduler = Objects.requireNonNull(newScheduler, "newScheduler");
            nanos = Objects.requireNonNull(newNanos, "newNanos");
            return this;
        }

        /**
         * Sets where the salts of connections come from; secrets and keys are each database's own. The default is {@link SecureRandom}.
         *
         * @param source used by one thread at a time
         * @return this
         */
        public Builder random(RandomGenerator source) {
            random = Objects.requireNonNull(source, "source");
            return this;
        }

        /**
         * Makes the group.
         *
         * @return a group without databases, which the caller closes
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if a named transport is not there, or is there twice
         */
        public SyncGroup build() {
            return new SyncGroup(this);
        }
    }
}
