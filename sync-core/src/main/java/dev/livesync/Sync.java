package dev.livesync;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.replica.Broadcast;
import dev.livesync.api.replica.Replicated;
import dev.livesync.api.transport.TransportContext.Scheduler;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.core.Tunables;
import dev.livesync.core.connect.Addresses;
import dev.livesync.core.connect.Drain;
import dev.livesync.core.connect.KeptPeers;
import dev.livesync.core.connect.NetworkAddresses;
import dev.livesync.core.connect.OfferGrant;
import dev.livesync.core.connect.Offers;
import dev.livesync.core.connect.Overview;
import dev.livesync.core.connect.Shutdown;
import dev.livesync.core.connect.SignalledIntroducer;
import dev.livesync.core.connect.TextFuture;
import dev.livesync.core.internal.TextSessions;
import dev.livesync.core.mesh.Meshes;
import dev.livesync.core.message.Feature;
import dev.livesync.core.monitor.RunningCounts;
import dev.livesync.core.monitor.SessionLog;
import dev.livesync.core.monitor.SessionRecorder;
import dev.livesync.core.seal.CipherWarmUp;
import dev.livesync.core.seal.HandshakeWarmUp;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.WorkerThreads;
import dev.livesync.core.session.WriteCheck;
import dev.livesync.core.transports.Transports;
import dev.livesync.grant.Authorizer;
import dev.livesync.grant.Grants;
import dev.livesync.mesh.Mesh;
import dev.livesync.mesh.MeshOptions;
import dev.livesync.monitor.SyncCounts;
import dev.livesync.presence.Presence;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one database in step with any number of peers, over any transport.
 *
 * <p>Two ways lead to a {@link Session}. Where people carry two texts: one side {@linkplain #offer offers}, the other
 * {@linkplain #accept accepts}, the first {@linkplain #connect connects} the answer. Where one side has an address: it
 * {@linkplain #listen listens}, others {@linkplain #dial dial}. Offers, answers and addresses hold a secret, which both sides
 * prove to each other before anything else passes: carry them over a path that you trust.
 *
 * <pre>{@code
 * try (Sync sync = new Sync(database)) {
 *     Session session = sync.dial(address).join();
 *     session.backlog().join(); // what was there at open is durable on both sides
 * }
 * }</pre>
 *
 * <p><strong>Threads.</strong> Any. No method blocks but {@link #close} and {@link Session#close}. Every call returns a future of its own, which completes on
 * the executor; it fails with {@link SyncException} and nothing else, unwrapped. Cancelling it, or completing it by other means such as
 * {@link CompletableFuture#orTimeout}, gives the undertaking up and leaves nothing open. Each has a deadline.
 *
 * <p>Sessions are independent: what ends one is of no concern to the others. They relay: what one peer sends reaches the
 * others.
 */
public final class Sync implements AutoCloseable {
    private final Offers offers;
    private final Addresses addresses;
    private final KeptPeers keptPeers;
    private final Meshes meshes;
    private final Overview overview;
    private final Presence presence;
    private final Supplier<SyncCounts> counts;
    private final Drain drain;
    private final Shutdown shutdown;

    /**
     * Makes a {@code Sync} with all the defaults: its transports are those that {@link java.util.ServiceLoader} finds, and it has threads of
     * its own.
     *
     * @param database what to synchronise; stays the caller's to close, after this
     */
    public Sync(Replicated database) {
        this(new Builder(database));
    }

    private Sync(Builder b) {
        // Before anything runs: should it fail, there is nothing to be ended.
        Optional<Broadcast> others = b.database.replica().broadcast();
        WorkerThreads threads = b.executor == null || b.scheduler == null ? new WorkerThreads() : null;
        Executor executor = b.executor != null
                ? b.executor
                : Objects.requireNonNull(threads).executor();
        Scheduler scheduler = b.scheduler != null
                ? b.scheduler
                : Objects.requireNonNull(threads).scheduler();
        RandomGenerator random = b.random != null ? b.random : new SecureRandom();
        RunningCounts running = new RunningCounts(b.clock);
        List<SyncListener> listeners = new ArrayList<>(List.of(running, new SessionLog()));
        SessionRecorder.ifPossible().ifPresent(listeners::add);
        listeners.addAll(b.listeners);
        SyncContext context = new SyncContext(
                b.database.replica(),
                new SyncContext.Environment(executor, scheduler, b.nanos, b.clock, random, b.warmUp),
                b.limits,
                b.tunables,
                b.policy,
                b.databaseName,
                b.features,
                b.authorizer == null ? null : new WriteCheck(b.authorizer, b.database),
                listeners);
        Transports transports = Transports.collect(b.given, b.named, context);
        if (b.introduce) {
            context.introduceBy(new SignalledIntroducer(transports), b.networks);
        }
        this.offers = new Offers(context, transports, b.listenAddresses, b.allowAlpha);
        this.addresses = new Addresses(context, transports);
        this.keptPeers = new KeptPeers(context, addresses, b.networks);
        this.meshes = new Meshes(context, addresses, keptPeers);
        this.overview = new Overview(context, offers, keptPeers);
        this.presence = context.presence();
        this.counts = () -> running.snapshot(transports.ids(), context.underWay());
        this.drain = new Drain(context);
        this.shutdown = new Shutdown(context, transports, threads);
        if (threads != null) { // an executor that is given may count on what it is given
            HandshakeWarmUp.OF_PROCESS.begin(threads.executor());
        }
        others.ifPresent(context.presence()::over);
    }

    /**
     * Makes a builder, for other choices than the defaults.
     *
     * @param database what to synchronise; stays the caller's to close, after the {@code Sync}
     * @return a new builder
     */
    public static Builder builder(Replicated database) {
        return new Builder(database);
    }

    /**
     * Makes an offer over the only transport there is.
     *
     * @return completes with the offer's text; it stays open for its lifetime. Fails with {@link ErrorKind#CONFIGURATION} if
     *     there is no transport, or more than one
     */
    public CompletableFuture<String> offer() {
        return TextFuture.text(openOffer(), OpenOffer::text, OpenOffer::close);
    }

    /**
     * Makes an offer.
     *
     * @param transportId the transport's id, such as {@code websocket}
     * @return completes with the offer's text; it stays open for its lifetime. Fails with {@link ErrorKind#CONFIGURATION} for
     *     an unknown transport, naming those that are there, and as listening does
     */
    public CompletableFuture<String> offer(String transportId) {
        return TextFuture.text(openOffer(transportId), OpenOffer::text, OpenOffer::close);
    }

    /**
     * Accepts an offer. The session comes once the answer has been connected; {@link #sessions} lists it then.
     *
     * @param offer what the other side's {@link #offer} returned, or an alpha's where {@link Builder#allowAlpha} was set; what carrying adds is skipped: blanks, line breaks,
     *     quotes, and the marks of a mail's quotation
     * @return completes with the answer's text. Fails as {@link #openAnswer}
     */
    public CompletableFuture<String> accept(String offer) {
        return TextFuture.text(openAnswer(offer), OpenAnswer::text, OpenAnswer::close);
    }

    /**
     * Connects an answer to whichever open offer it belongs to. An alpha's answer, taken only where {@link Builder#allowAlpha} was set,
     * doesn't say; it is taken for the only open offer that an alpha can have answered.
     *
     * @param answer what the other side's {@link #accept} returned; what carrying adds is skipped, as in an offer
     * @return completes with the session; fails as {@link OpenOffer#connect}
     */
    public CompletableFuture<Session> connect(String answer) {
        return offers.connect(Objects.requireNonNull(answer, "answer"));
    }

    /**
     * Makes an offer over the only transport there is, and keeps it in hand.
     *
     * @return completes with the open offer. Fails as {@link #offer()}
     */
    public CompletableFuture<OpenOffer> openOffer() {
        return offers.openOffer(null, null);
    }

    /**
     * Makes an offer, and keeps it in hand: {@link #offer(String)} for programs that withdraw offers, or have several open.
     *
     * @param transportId the transport's id
     * @return completes with the open offer. Fails as {@link #offer(String)}
     */
    public CompletableFuture<OpenOffer> openOffer(String transportId) {
        return offers.openOffer(Objects.requireNonNull(transportId, "transportId"), null);
    }

    /**
     * Makes an offer for somebody who may do what a grant says: the session that comes of it has the grant's rights, names it, and ends with
     * it, if it is revoked or expires. Who accepts needs the offer and nothing else; the grant's secret isn't used. An alpha, which knows no
     * rights, is not let in.
     *
     * @param transportId the transport's id
     * @param grants where the grant is; looked at when the offer is made, when it is answered, and while the session lasts
     * @param grant its name
     * @return completes with the open offer. Fails as {@link #offer(String)}; with {@link ErrorKind#NOT_FOUND} if there is no grant of that
     *     name, or no more
     */
    public CompletableFuture<OpenOffer> openOffer(String transportId, Grants grants, String grant) {
        return offers.openOffer(
                Objects.requireNonNull(transportId, "transportId"),
                new OfferGrant(Objects.requireNonNull(grants, "grants"), Objects.requireNonNull(grant, "grant")));
    }

    /**
     * Accepts an offer, and keeps the answer in hand: {@link #accept} for programs that take answers back, or wait for the session.
     *
     * @param offer as for {@link #accept}
     * @return completes with the open answer, once it can be carried back. Fails with {@link ErrorKind#MALFORMED} for what is no offer,
     *     {@link ErrorKind#UNSUPPORTED} for one of a later version, {@link ErrorKind#AUTHENTICATION} for one without LiveSync's part, {@link ErrorKind#CONFIGURATION} if its transport is not
     *     here, {@link ErrorKind#REFUSED} if the address policy forbids its address, {@link ErrorKind#UNREACHABLE}, in the same
     *     words whatever the reason, if its author cannot be reached there
     */
    public CompletableFuture<OpenAnswer> openAnswer(String offer) {
        return offers.openAnswer(Objects.requireNonNull(offer, "offer"));
    }

    /**
     * The {@link Session#backlog} of the single session: the one that is open or on its way, or else the one that ended
     * last.
     *
     * @return completes when what was there at open is safe. Fails with {@link ErrorKind#CONFIGURATION} if there is no
     *     session or more than one, and as the session does
     */
    public CompletableFuture<Void> backlog() {
        return overview.backlog();
    }

    /**
     * What is going on.
     *
     * @return the status of the session at this moment; of the one that is least advanced where there are several; where there is none,
     *     how far the exchange is that could become one, and {@link SessionStatus#CONNECTING} while a {@linkplain #keep(String) kept peer} waits. {@link SessionStatus#DESTROYED} once the last session has ended
     */
    public SessionStatus status() {
        return overview.status();
    }

    /**
     * How many offers of its own are open.
     *
     * @return a count
     */
    public int offerCount() {
        return offers.count();
    }

    /**
     * Listens at an address with a new secret of 256 bits, or with the one that is its fragment.
     *
     * @param address where, such as {@code ws://127.0.0.1:0/}
     * @return completes when the address is bound. Fails with {@link ErrorKind#CONFIGURATION} for an unusable address or
     *     secret, {@link ErrorKind#IN_USE} if the address is taken
     */
    public CompletableFuture<Endpoint> listen(String address) {
        return addresses.listen(Objects.requireNonNull(address, "address"), null, null);
    }

    /**
     * Listens at an address for those who have a grant, each with its rights; also for those who know the address's own secret, if it has one
     * as its fragment.
     *
     * @param address where
     * @param grants looked at for each caller and while their sessions last, so what is added or revoked counts at once
     * @return as {@link #listen(String)}
     */
    public CompletableFuture<Endpoint> listen(String address, Grants grants) {
        return addresses.listen(
                Objects.requireNonNull(address, "address"), null, Objects.requireNonNull(grants, "grants"));
    }

    /**
     * Listens at an address with a given secret.
     *
     * @param address where
     * @param secret 22 to 1,024 characters of A-Z, a-z, 0-9, - and _: at least 128 bits if they are random; of
     *     hexadecimal digits alone at least 32, of decimal ones at least 39
     * @return as {@link #listen(String)}
     */
    public CompletableFuture<Endpoint> listen(String address, String secret) {
        return addresses.listen(
                Objects.requireNonNull(address, "address"), Objects.requireNonNull(secret, "secret"), null);
    }

    /**
     * Dials an address.
     *
     * @param addressWithSecret what {@link Endpoint#address} says: the secret is its fragment. It goes without one where the address names the
     *     listener's identity, the transport authenticates both ends, and the listener has a {@linkplain
     *     dev.livesync.grant.Grant#ofPeers grant for this one}
     * @return completes with the session once both sides have proved the secret. Fails with {@link
     *     ErrorKind#CONFIGURATION} for an unusable address, {@link ErrorKind#UNREACHABLE}, {@link ErrorKind#REFUSED} if it is turned away, {@link
     *     ErrorKind#AUTHENTICATION} if a proof fails, {@link ErrorKind#TIMEOUT}, {@link ErrorKind#DISCONNECTED} if the
     *     connection breaks. {@link ErrorKind#isTransient} tells whether to try again, which {@link #keep(String)} does by itself
     */
    public CompletableFuture<Session> dial(String addressWithSecret) {
        return addresses.dial(Objects.requireNonNull(addressWithSecret, "addressWithSecret"), null);
    }

    /**
     * Dials an address with a secret that came another way: a command line shows an address to every user of the machine.
     *
     * @param address where, without the secret
     * @param secret the secret
     * @return as {@link #dial(String)}
     */
    public CompletableFuture<Session> dial(String address, String secret) {
        return addresses.dial(Objects.requireNonNull(address, "address"), Objects.requireNonNull(secret, "secret"));
    }

    /**
     * Keeps a session with whoever listens at an address: dials it, and dials it again whenever the session has ended or can't be opened,
     * until the returned peer is closed or nothing but somebody's help can help. {@link KeptPeer} says when it dials and when it stops; an address that is
     * unusable stops it, too.
     *
     * <pre>{@code
     * KeptPeer hub = sync.keep(address);
     * hub.connected().thenCompose(Session::backlog).join(); // the first time; it goes on by itself
     * }</pre>
     *
     * @param addressWithSecret as for {@link #dial(String)}
     * @return a peer that is being dialled; it ends with this {@code Sync}, and has stopped with {@link ErrorKind#CLOSED} if that is closed already
     */
    public KeptPeer keep(String addressWithSecret) {
        return keptPeers.keep(Objects.requireNonNull(addressWithSecret, "addressWithSecret"), null);
    }

    /**
     * Keeps a session with whoever listens at an address, by a secret that came another way.
     *
     * @param address where, without the secret
     * @param secret the secret
     * @return as {@link #keep(String)}
     */
    public KeptPeer keep(String address, String secret) {
        return keptPeers.keep(Objects.requireNonNull(address, "address"), Objects.requireNonNull(secret, "secret"));
    }

    /**
     * Takes part in a group of peers that find each other: listens at an address, has a discovery announce it, and keeps sessions with those
     * that the discovery names. All of them have one secret, which no discovery sees. {@link Mesh} says who dials whom, and how many.
     *
     * @param discovery how they find each other; new, and closed with the mesh, or at once where it fails
     * @param options where to listen, the secret, and with how many peers
     * @return completes when this peer is announced; the mesh ends with this {@code Sync}. Fails as {@link #listen(String)} and as {@link
     *     Discovery#start}
     */
    public CompletableFuture<Mesh> mesh(Discovery discovery, MeshOptions options) {
        return meshes.open(Objects.requireNonNull(discovery, "discovery"), Objects.requireNonNull(options, "options"));
    }

    /**
     * The open sessions.
     *
     * @return a copy, oldest first
     */
    public List<Session> sessions() {
        return overview.sessions();
    }

    /**
     * Counts over all sessions since this was made.
     *
     * @return the counts of this moment
     */
    public SyncCounts counts() {
        return counts.get();
    }

    /**
     * What peers show each other for the moment, and never store: cursors, who is typing, who is there.
     *
     * @return the same each time
     */
    public Presence presence() {
        return presence;
    }

    /**
     * Has peers leave, before {@link #close}. Each is told how long this end stays; a kept peer ends its session at a random moment within that time, and dials again at once.
     * So a hub that is taken out of several behind one address loses its sessions to the others without a pause, and not all in one moment. Close the endpoints before, or they
     * come back here. Who does not keep its peer, and peers of older builds, stay until the sessions are closed. Nothing else changes: what is written meanwhile is synced.
     *
     * @param within how long this end stays, a day at most; kept peers take no more than ten minutes
     * @return completes when none of the sessions is left, or the time is over; never fails
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} for a time that is negative or longer
     */
    public CompletableFuture<Void> drain(Duration within) {
        if (within.isNegative() || within.compareTo(Duration.ofDays(1)) > 0) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "no time in which peers leave: " + within);
        }
        return drain.begin(within);
    }

    /**
     * Ends everything in order, and waits until that is done. Pending calls fail with {@link ErrorKind#CLOSED}, offers, listeners and kept peers go.
     * Sessions are closed all at once, as {@link Session#close} has it: what was written before is delivered within {@link
     * SyncLimits#deliveryTime}, and who has not ended {@link SyncLimits#closeTime} later is aborted. Then transports and own threads end, which
     * takes a few seconds at most. What could not be delivered stays in the database for the next session; it makes {@link Session#closed}
     * fail, is logged, and told to {@link SyncListener#sessionClosed}. The database stays open.
     *
     * <p>The promise of {@link Session#close} is the same: in order, delivering, bounded, idempotent. A second call waits for the first. From a
     * thread that this would wait for, it returns at once and goes on elsewhere: in a {@link SyncListener}, and in what is attached to a
     * future. Never throws.
     */
    @Override
    public void close() {
        shutdown.close();
    }

    /** Collects choices; every one has a default. Not for use by several threads at once. */
    public static final class Builder {
        private static final int MAX_NAME_CHARS = 255;

        private final Replicated database;
        private final List<TransportProvider> given = new ArrayList<>();
        private final List<String> named = new ArrayList<>();
        private final List<SyncListener> listeners = new ArrayList<>();
        private final Map<String, String> listenAddresses = new HashMap<>();
        private @Nullable Executor executor;
        private @Nullable Authorizer authorizer;
        private @Nullable Scheduler scheduler;
        private @Nullable RandomGenerator random;
        private LongSupplier nanos = System::nanoTime;
        private InstantSource clock = InstantSource.system();
        private SyncLimits limits = SyncLimits.defaults();
        private Tunables tunables = Tunables.DEFAULT;
        private Set<Feature> features = Set.of(Feature.values());
        private CipherWarmUp warmUp = CipherWarmUp.OF_PROCESS;
        private Supplier<Set<String>> networks = NetworkAddresses::ofMachine;
        private AddressPolicy policy = AddressPolicy.standard();
        private boolean allowAlpha;
        private boolean introduce = true;
        private String databaseName = "";

        static {
            TextSessions.register(builder -> builder.features(Feature.ofTexts()));
        }

        private Builder(Replicated database) {
            this.database = Objects.requireNonNull(database, "database");
        }

        /**
         * Uses a transport that carries its own configuration. As soon as one transport is given or named, only those that are
         * will be used.
         *
         * @param provider the transport
         * @return this
         */
        public Builder transport(TransportProvider provider) {
            given.add(Objects.requireNonNull(provider, "provider"));
            return this;
        }

        /**
         * Uses a transport that {@link java.util.ServiceLoader} finds. As soon as one transport is given or named, only those
         * that are will be used.
         *
         * @param id its id
         * @return this
         */
        public Builder transport(String id) {
            named.add(Objects.requireNonNull(id, "id"));
            return this;
        }

        /**
         * Runs everything on an executor of the caller's, which is never closed here. By default a few daemon threads of its
         * own, which end with the {@code Sync}.
         *
         * @param newExecutor runs tasks, some of which wait for a disk, at most four of those at once: with more threads than
         *     that a slow disk holds up nothing else, but any number will do. Takes tasks until {@link Sync#close} has returned to
         *     whoever waits for it
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
         * Asks the application about each change that a peer sends, before it is stored. By default whoever may write may write everything.
         *
         * @param newAuthorizer may refuse
         * @return this
         */
        public Builder authorizer(Authorizer newAuthorizer) {
            authorizer = Objects.requireNonNull(newAuthorizer, "newAuthorizer");
            return this;
        }

        /**
         * Sets which clock tells the date, by which grants expire; for tests that own the time.
         *
         * @param newClock by default the system's
         * @return this
         */
        public Builder clock(InstantSource newClock) {
            clock = Objects.requireNonNull(newClock, "newClock");
            return this;
        }

        /**
         * Sets where secrets and nonces come from. The default is {@link SecureRandom}; anything weaker is for tests.
         *
         * @param source used by one thread at a time
         * @return this
         */
        public Builder random(RandomGenerator source) {
            random = Objects.requireNonNull(source, "source");
            return this;
        }

        /**
         * Sets how much is taken at once, and how long is waited.
         *
         * @param newLimits by default {@link SyncLimits#defaults}
         * @return this
         */
        public Builder limits(SyncLimits newLimits) {
            limits = Objects.requireNonNull(newLimits, "newLimits");
            return this;
        }

        /** For tests in which every task counts. */
        Builder warmUp(CipherWarmUp newWarmUp) {
            warmUp = newWarmUp;
            return this;
        }

        /** For tests in which this machine moves from one network to another. */
        Builder networks(Supplier<Set<String>> newNetworks) {
            networks = newNetworks;
            return this;
        }

        /** For tests of older dialects. */
        Builder features(Set<Feature> newFeatures) {
            features = Set.copyOf(newFeatures);
            return this;
        }

        /** For tests that meet a limit with little data. */
        Builder tunables(Tunables newTunables) {
            tunables = newTunables;
            return this;
        }

        /**
         * Registers a listener.
         *
         * @param listener called by sessions
         * @return this
         */
        public Builder listener(SyncListener listener) {
            listeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /**
         * Sets which addresses in accepted offers may be dialled.
         *
         * @param newPolicy by default {@link AddressPolicy#standard}
         * @return this
         */
        public Builder addressPolicy(AddressPolicy newPolicy) {
            policy = Objects.requireNonNull(newPolicy, "newPolicy");
            return this;
        }

        /**
         * Sets whether offers and answers without LiveSync's part are taken, as alphas write them. An alpha proves nothing and can't be
         * told from somebody who took that part out of a signal on its way, so whoever carries the signals can read and write all that
         * passes. Sessions with such peers have {@link PeerInfo#isAlpha}, and say so in {@link PeerInfo#remote}.
         *
         * @param allowed by default false: {@link Sync#accept} and {@link Sync#connect} fail with {@link ErrorKind#AUTHENTICATION}
         * @return this
         */
        public Builder allowAlpha(boolean allowed) {
            allowAlpha = allowed;
            return this;
        }

        /**
         * Sets whether a session on a relayed channel, such as a room's, looks for a direct one. It does if both ends do, and if both have the same
         * transport that signals for itself (WebRTC) and no other of that kind: the room carries offer and answer, sealed, and the session goes on over the direct
         * channel with the same keys. Where no path is found, it stays where it is. Each end tells the other its network addresses, as such a transport does.
         *
         * @param allowed by default true
         * @return this
         */
        public Builder introduce(boolean allowed) {
            introduce = allowed;
            return this;
        }

        /**
         * Sets where to listen for offers over a dialling transport. It goes into the offer as bound, so it has to be one
         * that the other side can dial. By default a free port of the loopback interface.
         *
         * @param transportId the transport's id
         * @param address where
         * @return this
         */
        public Builder listenAddress(String transportId, String address) {
            listenAddresses.put(
                    Objects.requireNonNull(transportId, "transportId"), Objects.requireNonNull(address, "address"));
            return this;
        }

        /**
         * Says what the database is called. Peers have to call it the same, or have no name for it either; otherwise they refuse each other as
         * with a wrong secret. So a program that knows several databases by one secret can't be led to another one than it meant. The name does
         * not travel. By default there is none.
         *
         * @param name 1 to 255 characters
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is empty or longer
         */
        public Builder databaseName(String name) {
            if (name.isEmpty() || name.length() > MAX_NAME_CHARS) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "the database's name has " + name.length() + " characters; it may have 1 to " + MAX_NAME_CHARS);
            }
            databaseName = name;
            return this;
        }

        /**
         * Makes the {@code Sync}.
         *
         * @return a {@code Sync} that the caller closes
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if a named transport is not there, or is there twice
         */
        public Sync build() {
            return new Sync(this);
        }
    }
}
