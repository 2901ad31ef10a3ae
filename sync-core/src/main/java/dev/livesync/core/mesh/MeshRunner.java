package dev.livesync.core.mesh;

import dev.livesync.Endpoint;
import dev.livesync.KeptPeer;
import dev.livesync.KeptPeer.State;
import dev.livesync.Session;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.api.internal.SerialRunner;
import dev.livesync.core.connect.Addresses;
import dev.livesync.core.connect.KeptPeers;
import dev.livesync.core.connect.Membership;
import dev.livesync.core.session.ManagedResource;
import dev.livesync.core.session.Promise;
import dev.livesync.core.session.SessionRunner;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import dev.livesync.core.session.SyncTask;
import dev.livesync.mesh.Mesh;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A mesh. Whatever happens to it (what the discovery says, what a kept peer does, a session, a timer, a call) is a step, and steps run one
 * at a time on the executor. A step notes what has happened; what is to be done about all of it is decided in turns, of which there are
 * at most ten in a second, so that whoever floods a discovery costs no more than that.
 */
final class MeshRunner implements Mesh, ManagedResource, Membership {
    private static final System.Logger LOG = System.getLogger(MeshRunner.class.getName());

    /** How many names are known at a time: a room has 64 members with 8 seats each. */
    static final int MOST_NAMES = 512;

    /** The shortest time from one turn to the next. */
    static final Duration TURN = Duration.ofMillis(100);

    /** How many dials begin in one turn. */
    static final int DIALS = 4;

    /** How long a peer waits at least before it dials out of turn; at most twice that. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /** For how long nobody dials a peer that dialling does not help. */
    static final Duration QUIET = Duration.ofMinutes(1);

    /** How often the wait of one peer may be cut short. */
    private static final Duration HURRY = Duration.ofSeconds(2);

    private final SyncContext context;
    private final Addresses addresses;
    private final KeptPeers keptPeers;
    private final Discovery discovery;
    private final int maxPeers;
    private final Promise closed;
    private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
    private final SerialRunner runner;
    private final Sightings sightings = new Sightings(MOST_NAMES, this::heard);
    private final AtomicBoolean news = new AtomicBoolean();
    private final Members members = new Members(MOST_NAMES);
    private final MeshSessions sessions = new MeshSessions();
    private final Set<KeptPeer> running = new LinkedHashSet<>();
    private volatile @Nullable Endpoint endpoint;
    private volatile String name = "";
    private volatile String secret = "";
    private volatile List<String> present = List.of();
    private volatile List<KeptPeer> kept = List.of();

    private boolean closing;
    private boolean discoveryClosed;
    private boolean begun;
    private boolean hadTurn;
    private long lastTurn;
    private boolean timed;
    private long timedFor;
    private Runnable stopTimer = () -> {};
    private int dialsLeft;
    private @Nullable SyncException failure;

    MeshRunner(SyncContext context, Addresses addresses, KeptPeers keptPeers, Discovery discovery, int maxPeers) {
        this.context = context;
        this.addresses = addresses;
        this.keptPeers = keptPeers;
        this.discovery = discovery;
        this.maxPeers = maxPeers;
        this.closed = new Promise(context::later);
        this.runner = new SerialRunner(context::later, 16, steps::poll, this::crashed);
    }

    /** It listens. False if this {@code Sync} is closed. */
    boolean listens(Endpoint bound, String groupSecret) {
        endpoint = bound;
        secret = groupSecret;
        return context.admit(this);
    }

    /** Who is told what the discovery says. */
    Sightings sightings() {
        return sightings;
    }

    /** It has its name, and begins to dial. */
    void begin(String announced) {
        name = announced;
        step(() -> {
            begun = true;
            soon();
        });
    }

    private void step(Runnable step) {
        steps.add(step);
        runner.wake();
    }

    // What users call

    @Override
    public String name() {
        return name;
    }

    @Override
    public String address() {
        return bound().address();
    }

    @Override
    public String publicAddress() {
        return bound().publicAddress();
    }

    private Endpoint bound() {
        return Objects.requireNonNull(endpoint, "nothing is bound");
    }

    @Override
    public List<String> present() {
        return present;
    }

    @Override
    public List<KeptPeer> keptPeers() {
        return kept;
    }

    @Override
    public List<Session> sessions() {
        return sessions.all();
    }

    @Override
    public CompletableFuture<Void> closed() {
        return closed.copy();
    }

    @Override
    public void close() {
        step(() -> depart(null));
        if (!SyncTask.isRunning()) {
            SyncTask.await(
                    closed.copy(),
                    context.limits().deliveryTime().plus(context.closeTimeout().multipliedBy(4)));
        }
    }

    @Override
    public void end(SyncException reason) {
        step(() -> depart(null));
    }

    // What happens; any thread

    private void heard() {
        if (news.compareAndSet(false, true)) {
            step(() -> {
                news.set(false);
                soon();
            });
        }
    }

    @Override
    public void opened(SessionRunner session) {
        step(() -> session.peer().meshName().ifPresent(peer -> met(peer, session)));
    }

    private CompletableFuture<Session> dial(Member member) {
        if (isMet(member)) {
            return FailedFutures.of(
                    new SyncException(ErrorKind.CANCELLED, "there is a session with " + member.name() + " already"));
        }
        return addresses.dialMember(member.nextAddress(), secret, name);
    }

    // Steps

    private void met(String peer, SessionRunner session) {
        if (sessions.holds(session)) {
            return;
        }
        sessions.add(peer, session);
        var unused = session.closed()
                .whenComplete((nothing, thrown) -> step(() -> {
                    sessions.ended(session);
                    soon();
                    endIfOver();
                }));
        if (peer.equals(name)) {
            sessions.leaves(session);
            session.abort(new SyncException(ErrorKind.REFUSED, "the peer has the name of this one: " + name));
        } else if (closing) {
            sessions.leaves(session);
            session.leave();
        }
        soon();
    }

    private void changed(Member member, long number, KeptPeer peer, KeptPeer.Status status) {
        if (status.state() == State.STOPPED) {
            running.remove(peer);
            endIfOver();
        }
        status.session().ifPresent(session -> {
            String stated = session.peer().meshName().orElse(member.name());
            member.stated(stated);
            met(stated, (SessionRunner) session);
        });
        if (number != member.number()) {
            return;
        }
        member.changed(status);
        boolean own = member.statedName().equals(name);
        if (own || status.state() == State.STOPPED) {
            release(member);
            member.stated(member.name());
            member.hush(context.now() + QUIET.toNanos());
        }
        soon();
    }

    /** Decides now, or as soon as it may. */
    private void soon() {
        if (closing || !begun) {
            return;
        }
        long wait = hadTurn ? lastTurn + TURN.toNanos() - context.now() : 0;
        if (wait <= 0) {
            turn();
        } else {
            turnIn(wait);
        }
    }

    private void turnIn(long nanos) {
        long at = context.now() + nanos;
        if (timed && timedFor - at <= 0) {
            return;
        }
        stopTimer.run();
        timed = true;
        timedFor = at;
        stopTimer = context.schedule(
                Duration.ofNanos(nanos),
                () -> step(() -> {
                    timed = false;
                    soon();
                }));
    }

    private void turn() {
        stopTimer.run();
        timed = false;
        hadTurn = true;
        long now = context.now();
        lastTurn = now;
        dialsLeft = DIALS;
        look(now);
        endSurplus();
        Set<String> neighbours = neighbours(now);
        for (Member member : members.all()) {
            decide(member, neighbours.contains(member.name()), now);
        }
        members.forgetTheGone(now, this::isMet);
        present = members.present();
        kept = members.all().stream().map(Member::kept).filter(Objects::nonNull).toList();
    }

    /** Takes in what the discovery has said. */
    private void look(long now) {
        sightings.take().forEach((peer, found) -> {
            if (peer.equals(name)) {
                return;
            }
            if (found.isEmpty()) {
                Member member = members.get(peer);
                if (member != null) {
                    member.lost(now);
                }
                return;
            }
            found(found.get(), now);
        });
    }

    private void found(DiscoveredPeer peer, long now) {
        Member member = members.found(peer, this::isMet);
        if (member != null && member.isIdle()) {
            KeptPeer waiting = member.kept();
            if (waiting != null && member.mayHurry(now, HURRY)) {
                waiting.retryNow();
            }
        }
    }

    private boolean isMet(Member member) {
        return sessions.has(member.name()) || sessions.has(member.statedName());
    }

    /** Of several sessions with one peer, the end with the smaller name keeps the newest; so both keep the same one. */
    private void endSurplus() {
        for (String peer : sessions.names()) {
            if (name.compareTo(peer) < 0) {
                sessions.surplus(peer).forEach(this::leave);
            }
        }
    }

    private void leave(SessionRunner session) {
        sessions.leaves(session);
        for (Member member : members.all()) {
            KeptPeer peer = member.kept();
            if (peer != null && peer.status().session().equals(Optional.of(session))) {
                release(member);
                return;
            }
        }
        session.leave();
    }

    /** Those with whom there should be sessions: neighbours of whom nothing bad is known, and others if there is room. */
    private Set<String> neighbours(long now) {
        Set<String> good = new HashSet<>(sessions.names());
        for (Member member : members.all()) {
            if (isMet(member)) {
                member.met();
            }
            boolean there = member.isPresent() || member.kept() != null;
            if (there && !member.isDoubtful() && member.quietFor(now) == 0) {
                good.add(member.name());
            }
        }
        Set<String> chosen = Ring.neighbours(name, good, maxPeers);
        // Those that are being tried first: else two would take turns.
        for (int round = 0; round < 2; round++) {
            for (Member member : members.all()) {
                boolean there = round == 0 ? member.kept() != null : member.isPresent();
                if (there && chosen.size() < maxPeers && member.quietFor(now) == 0) {
                    chosen.add(member.name());
                }
            }
        }
        return chosen;
    }

    private void decide(Member member, boolean neighbour, long now) {
        long quiet = member.quietFor(now);
        if (quiet > 0) {
            turnIn(quiet);
        }
        KeptPeer peer = member.kept();
        if (peer != null) {
            review(member, peer, neighbour, now);
        } else if (neighbour && quiet == 0 && !isMet(member) && member.isPresent()) {
            consider(member, now);
        }
    }

    /** Keeps a peer no more if that has become useless. */
    private void review(Member member, KeptPeer peer, boolean neighbour, long now) {
        if (member.isConnected()) {
            if (!neighbour && sessions.size() > maxPeers) {
                peer.status().session().ifPresent(session -> sessions.leaves((SessionRunner) session));
                release(member);
            }
            return;
        }
        boolean another = isMet(member) && member.isIdle();
        long staying = member.isPresent() ? 1 : member.stayingFor(now);
        if (!neighbour || another || staying == 0) {
            release(member);
        } else if (!member.isPresent()) {
            turnIn(staying);
        }
    }

    /** Dials a peer, if it is this end's turn. */
    private void consider(Member member, long now) {
        if (name.compareTo(member.name()) > 0) {
            long left = member.turnIn(now, this::patience);
            if (left > 0) {
                turnIn(left);
                return;
            }
        }
        if (dialsLeft == 0) {
            turnIn(TURN.toNanos());
            return;
        }
        dialsLeft--;
        long number = member.number();
        KeptPeer[] itself =
                new KeptPeer[1]; // its first step may come before keep() has returned, its changes are steps of ours
        KeptPeer peer = keptPeers.keep(
                member.address(),
                () -> dial(member),
                status -> step(() -> changed(member, number, Objects.requireNonNull(itself[0]), status)));
        itself[0] = peer;
        running.add(peer);
        member.keep(peer);
    }

    private long patience() {
        long least = PATIENCE.toNanos();
        return least + context.random(random -> random.nextLong(least));
    }

    private void release(Member member) {
        KeptPeer peer = member.release();
        if (peer != null) {
            peer.close();
        }
    }

    private void depart(@Nullable SyncException defect) {
        if (closing) {
            return;
        }
        closing = true;
        stopTimer.run();
        sightings.close();
        Endpoint listening = endpoint;
        if (listening != null) {
            listening.close();
        }
        context.later(() -> {
            closeDiscovery();
            step(() -> {
                discoveryClosed = true;
                endIfOver();
            });
        });
        for (Member member : members.all()) {
            release(member);
        }
        for (String peer : sessions.names()) {
            for (SessionRunner session : sessions.of(peer)) {
                sessions.leaves(session);
                session.leave();
            }
        }
        kept = List.of();
        present = List.of();
        failure = defect;
        endIfOver();
    }

    /** Closes what somebody else wrote. */
    void closeDiscovery() {
        try {
            discovery.close();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.WARNING, "a discovery did not close: " + discovery, e);
        }
    }

    private void endIfOver() {
        if (closing && discoveryClosed && running.isEmpty() && sessions.isOver()) {
            context.leave(this);
            closed.settle(failure);
        }
    }

    private void crashed(Throwable thrown) {
        SyncException defect = SyncFailures.of("the mesh at " + name, thrown);
        LOG.log(Level.ERROR, "the mesh is left", defect);
        depart(defect);
    }
}
