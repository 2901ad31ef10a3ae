package dev.livesync.core.session;

import dev.livesync.PeerInfo;
import dev.livesync.Session;
import dev.livesync.SessionStatistics;
import dev.livesync.SessionStatus;
import dev.livesync.SyncLimits;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Feature;
import dev.livesync.core.presence.PresenceLink;
import dev.livesync.core.protocol.Budget;
import dev.livesync.core.protocol.Deadlines;
import dev.livesync.core.protocol.Effects;
import dev.livesync.core.protocol.Memory;
import dev.livesync.core.protocol.ProtocolConfig;
import dev.livesync.core.protocol.SendLag;
import dev.livesync.core.protocol.SessionProtocol;
import dev.livesync.grant.Rights;
import dev.livesync.monitor.Lag;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs one protocol on one channel. Everything but commits happens in the channel's mailbox. After each event the protocol's messages are
 * sent and a timer is set for its next deadline. Commits run beside that on the executor, so that a session whose disk is slow still
 * answers.
 *
 * <p>On a relayed channel an {@link Introduction} comes first, and the protocol begins on the channel that comes of it.
 *
 * <p>A session ends in three steps: the protocol ends (nothing is committed or sent any more), the channel is closed, and the end is
 * reported.
 */
public final class SessionRunner implements Session, Effects, SerialChannel.Phase, Introduction.Outcome {
    private static final System.Logger LOG = System.getLogger(SessionRunner.class.getName());

    /** How many messages are sent in one task, so that incoming messages and other sessions get their turn. */
    private static final int BURST = 16;

    private final SyncContext context;
    private final SessionRegistry.Registration registration;
    private final SerialChannel serial;
    private final PeerInfo peer;
    private final Origin origin;
    private final Function<SerialChannel, ProtocolConfig> config;
    private final Budget.Share promised;
    private final Promise backlog;
    private final Promise closed;
    private final CompletableFuture<Duration> askedToLeave = new CompletableFuture<>();
    private final Waiters awaitingEqual = new Waiters();
    private final Waiters awaitingDelivery = new Waiters();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final AtomicBoolean reported = new AtomicBoolean();

    /** The thread that runs our commit. */
    private volatile @Nullable Thread committing;

    private @Nullable Introduction introduction;

    /** What has to wait until the protocol has begun. */
    private final List<Runnable> postponed = new ArrayList<>();

    private @Nullable SessionProtocol protocol;
    private @Nullable Memory memory;
    private @Nullable PresenceLink presence;
    private final AtomicBoolean shown = new AtomicBoolean();
    private @Nullable Subscription subscription;
    private @Nullable Runnable stopClock;
    private long clockSetFor = Deadlines.NEVER;
    private Runnable stopCloseClock = () -> {};
    private boolean moved;
    private boolean statisticsDue;
    private boolean ended;
    private boolean closing;
    private boolean draining;
    private boolean opened;
    private @Nullable SyncException failure;
    private boolean bursting;

    private volatile String transport;
    private volatile @Nullable SendLag lag;
    private volatile SessionStatus status = SessionStatus.CONNECTING;
    private volatile SessionStatistics statistics = SessionProtocol.NO_STATISTICS;
    private volatile @Nullable List<Cid> equalAt;
    private volatile List<Cid> acknowledged = List.of();
    private volatile Rights rights = Rights.READ_WRITE;
    private volatile @Nullable SyncException neverEqual;
    private volatile boolean stored;
    private long refused;

    SessionRunner(
            SyncContext context,
            SessionRegistry.Registration registration,
            SerialChannel serial,
            String transport,
            PeerInfo peer,
            Origin origin,
            Function<SerialChannel, ProtocolConfig> config,
            Budget.Share promised,
            @Nullable Function<SessionRunner, Introduction> introduction) {
        this.promised = promised;
        this.context = context;
        this.registration = registration;
        this.serial = serial;
        this.transport = transport;
        this.peer = peer;
        this.origin = origin;
        this.config = config;
        this.backlog = new Promise(context::later);
        this.closed = new Promise(context::later);
        this.introduction = introduction == null ? null : introduction.apply(this);
    }

    /** Takes over an open channel; in the channel's mailbox. */
    void begin() {
        serial.become(this);
        if (!context.registry().fill(registration, this)) {
            SyncException unwanted =
                    new SyncException(ErrorKind.CANCELLED, "nobody waits for the session with " + peer.remote());
            serial.channel().abort(unwanted);
            promised.close();
            reported.set(true);
            status = SessionStatus.DESTROYED;
            backlog.settle(unwanted);
            awaitingEqual.end(unwanted);
            awaitingDelivery.end(unwanted);
            closed.settle(unwanted);
            return;
        }
        guarded(introduction == null ? this::open : introduction::begin);
        if (introduction != null && context.isClosed()) {
            leave(); // whoever closes all sessions may have come before this one
        }
    }

    private void guarded(Runnable beginning) {
        try {
            beginning.run();
        } catch (SyncException e) {
            serial.channel().abort(e);
            finish(e);
        } catch (RuntimeException | Error e) {
            // Not for whoever called: somebody waits there for this session, such as it is.
            crashed(SyncFailures.of("the session with " + peer.remote(), e));
        }
    }

    private void tellOpened() {
        if (!opened) {
            opened = true;
            context.tell(listener -> listener.sessionOpened(this));
        }
    }

    private void open() {
        tellOpened();
        Memory own = context.memory(promised, this::memoryFreed);
        memory = own;
        ProtocolConfig made = config.apply(serial);
        if (made.features().contains(Feature.PRESENCE)) {
            presence = context.presence().open(made.maxMessageBytes(), this::shown);
        }
        SessionProtocol begun = new SessionProtocol(made, context.replica(), this, own, presence);
        protocol = begun;
        lag = begun.lag();
        subscription = context.replica().onChange(this::wake);
        begun.open(context.now());
        CloseReason reason = serial.closeReason();
        if (reason != null) {
            begun.channelClosed(reason, context.now());
        }
        after();
        if (context.isClosed()) {
            leave(); // whoever closes all sessions may have come before this one
        }
    }

    @Override
    public void introduced(@Nullable String direct, @Nullable Message first) {
        introduction = null;
        serial.become(this);
        if (direct != null) {
            transport = direct;
        }
        guarded(this::open);
        List<Runnable> waiting = List.copyOf(postponed);
        postponed.clear();
        waiting.forEach(Runnable::run);
        if (first != null) {
            message(first);
        }
    }

    @Override
    public void introductionFailed(SyncException why) {
        introduction = null;
        endUnopened(why, why.kind() != ErrorKind.AUTHENTICATION);
    }

    /** Ends a session before its protocol has begun. */
    private void endUnopened(SyncException why, boolean told) {
        ended = true;
        failure = why;
        Introduction under = introduction;
        if (under != null) {
            introduction = null;
            under.cancel(why);
        }
        if (told) {
            context.refusals().dismiss(context, serial, why);
        } else {
            serial.channel().abort(why);
        }
        finish(why);
    }

    // What users call

    @Override
    public String id() {
        return origin.session();
    }

    @Override
    public String transport() {
        return transport;
    }

    @Override
    public PeerInfo peer() {
        return peer;
    }

    @Override
    public Rights rights() {
        return rights;
    }

    @Override
    public SessionStatus status() {
        return status;
    }

    @Override
    public CompletableFuture<Void> backlog() {
        return backlog.copy();
    }

    @Override
    public List<Cid> acknowledged() {
        return acknowledged;
    }

    @Override
    public boolean equal() {
        List<Cid> clock = equalAt;
        try {
            return clock != null && clock.equals(heads());
        } catch (SyncException e) {
            // A database that can't be read has no clock, and the session is about to find out.
            return false;
        }
    }

    @Override
    public CompletableFuture<Void> awaitEqual() {
        Promise promise = new Promise(context::later);
        if (equal()) {
            promise.settle(null);
        } else {
            awaitingEqual.add(promise);
            serial.execute(this::look);
        }
        CompletableFuture<Void> own = promise.copy();
        var unused = own.whenComplete((nothing, failure) -> awaitingEqual.forget(promise));
        return own;
    }

    @Override
    public CompletableFuture<Void> delivered() {
        List<Cid> clock;
        try {
            clock = heads();
        } catch (SyncException e) {
            Promise promise = new Promise(context::later);
            promise.settle(e);
            return promise.copy();
        }
        return delivered(clock);
    }

    @Override
    public CompletableFuture<Void> delivered(Collection<Cid> clock) {
        List<Cid> events = List.copyOf(clock);
        Promise promise = new Promise(context::later);
        awaitingDelivery.add(promise);
        serial.execute(() -> deliver(events, promise));
        return promise.copy();
    }

    private void deliver(List<Cid> events, Promise promise) {
        if (introduction != null) {
            postponed.add(() -> deliver(events, promise));
        } else if (!ended && protocol != null) {
            protocol.deliver(events, failed -> awaitingDelivery.settle(List.of(promise), failed), context.now());
            after();
        }
    }

    @Override
    public SessionStatistics statistics() {
        return statistics;
    }

    @Override
    public Lag lag() {
        SendLag now = lag;
        if (now == null) {
            return KnownLag.UNKNOWN;
        }
        try (Snapshot snapshot = context.replica().snapshot()) {
            List<Cid> clock = equalAt;
            if (clock != null && clock.equals(snapshot.heads())) {
                return KnownLag.NONE;
            }
            long events = now.events(snapshot.summary().events());
            return new KnownLag(events, Duration.ofNanos(events > 0 ? now.nanos(context.now()) : 0));
        } catch (SyncException e) {
            return KnownLag.UNKNOWN; // a database that can't be read, as the session is about to find out
        }
    }

    private record KnownLag(long events, Duration time) implements Lag {
        static final Lag UNKNOWN = new KnownLag(-1, Duration.ZERO);
        static final Lag NONE = new KnownLag(0, Duration.ZERO);
    }

    /**
     * Whether something came of the session: events that were new here, or that the peer has acknowledged as durable.
     *
     * @return true if so
     */
    public boolean hasProgressed() {
        return stored || statistics.carsAcknowledged() > 0;
    }

    @Override
    public CompletableFuture<Void> closed() {
        return closed.copy();
    }

    @Override
    public void close() {
        leave();
        if (!SyncTask.isRunning()) {
            // The clocks that leave() and drain() set end it before this does, unless they stand still.
            SyncTask.await(
                    closed.copy(),
                    context.limits().deliveryTime().plus(context.closeTimeout().multipliedBy(4)));
        }
    }

    /** Begins to end the session in order, and doesn't wait: {@link #closed} completes when it has ended. Idempotent; any thread. */
    public void leave() {
        serial.execute(() -> {
            if (ended || (protocol == null && introduction == null)) {
                return;
            }
            SyncLimits limits = context.limits();
            SyncException late = new SyncException(
                    ErrorKind.TIMEOUT, "the peer at " + peer.remote() + " did not let the session end in time");
            if (limits.closeTime().isZero()) {
                abort(SyncFailures.closed());
                return;
            }
            if (!closing) {
                closing = true;
                stopCloseClock = context.schedule(limits.deliveryTime().plus(limits.closeTime()), () -> abort(late));
            }
            if (introduction != null) {
                postponed.add(this::leave);
                introduction.hurry();
            } else if (protocol != null) {
                protocol.close(context.now());
                after();
            }
        });
    }

    /**
     * Asks the peer to end the session and to come back, each at a moment of its own. Any thread; the session goes on, at a peer that doesn't know of this as if nothing
     * had been said.
     *
     * @param stay how long this end stays
     */
    public void goAway(Duration stay) {
        serial.execute(() -> {
            if (introduction != null) {
                postponed.add(() -> goAway(stay));
            } else if (!ended && protocol != null) {
                protocol.goAway(stay.toMillis(), context.now());
                after();
            }
        });
    }

    /**
     * When the peer wants this end to leave and come back.
     *
     * @return completes when the peer says so, on the executor, with how long it stays, as it says; never in most sessions
     */
    public CompletableFuture<Duration> askedToLeave() {
        return askedToLeave;
    }

    @Override
    public void abort() {
        abort(new SyncException(ErrorKind.CANCELLED, "the session with " + peer.remote() + " was aborted"));
    }

    /**
     * Ends the session at once.
     *
     * @param reason the outcome
     */
    public void abort(SyncException reason) {
        serial.execute(() -> {
            if (introduction != null) {
                endUnopened(reason, false);
                return;
            }
            if (!ended && protocol != null) {
                protocol.fail(reason, context.now());
            }
            serial.channel().abort(reason);
            if (ended) {
                finish(failure);
            } else {
                after();
            }
        });
    }

    /**
     * Ends the session at once, and tells the peer why, if the channel still carries it. Idempotent; any thread.
     *
     * @param reason the outcome here, and what the peer is told
     */
    public void dismiss(SyncException reason) {
        serial.execute(() -> {
            if (introduction != null) {
                endUnopened(reason, true);
            } else if (!ended && protocol != null) {
                protocol.dismiss(reason, context.now());
                after();
            }
        });
    }

    // What the channel reports

    @Override
    public void message(Message message) {
        context.tell(listener -> listener.received(this, message.kind(), message.size()));
        moved = true;
        if (!ended && protocol != null) {
            protocol.received(message, context.now());
            after();
        }
    }

    @Override
    public void tampered(SyncException why) {
        if (!ended && protocol != null) {
            protocol.fail(why, context.now());
        }
        after();
    }

    @Override
    public void room() {
        after();
    }

    @Override
    public void sendFailed(SyncException why) {
        // A channel that has ended says why itself, and what it had delivered before is still to come.
        if (!ended && protocol != null && why.kind() != ErrorKind.DISCONNECTED && why.kind() != ErrorKind.CLOSED) {
            protocol.fail(why, context.now());
        }
        after();
    }

    @Override
    public void channelClosed(CloseReason reason) {
        if (!ended && protocol != null) {
            protocol.channelClosed(reason, context.now());
        }
        after();
    }

    @Override
    public void crashed(SyncException why) {
        ended = true;
        try {
            serial.channel().abort(why);
        } finally {
            finish(why);
        }
        LOG.log(Level.ERROR, "the session with " + peer.remote() + " broke down", why);
    }

    @Override
    public void refused(SyncException why) {
        ended = true;
        try {
            serial.channel().abort(why);
        } finally {
            finish(why);
        }
    }

    private void memoryFreed() {
        serial.execute(() -> {
            if (!ended && protocol != null) {
                if (memory != null && !serial.hasRoom()) {
                    memory.out().leave(); // it asks again when there is
                }
                protocol.memoryFreed(context.now());
                after();
            }
        });
    }

    /** Called by the replica after a commit, on any thread. Our own commits are left out, since their result has the same effect. */
    private void wake() {
        if (Thread.currentThread() == committing) {
            return;
        }
        if (woken.compareAndSet(false, true)) {
            serial.execute(() -> {
                woken.set(false);
                look();
            });
        }
    }

    /** Called when there may be something of presence to send, on any thread. */
    private void shown() {
        if (shown.compareAndSet(false, true)) {
            serial.execute(() -> {
                shown.set(false);
                if (!ended && protocol != null) {
                    protocol.shown(context.now());
                    after();
                }
            });
        }
    }

    /** Tells the protocol that the database may have changed. */
    private void look() {
        if (!ended && protocol != null) {
            protocol.changed(context.now());
            after();
            settleEqual();
        }
    }

    private List<Cid> heads() {
        try (Snapshot snapshot = context.replica().snapshot()) {
            return snapshot.heads();
        }
    }

    /** Settles the calls that wait for equal clocks, if the clocks are equal now. */
    private void settleEqual() {
        List<Promise> waiting = awaitingEqual.all();
        if (!waiting.isEmpty()) {
            boolean equal = equal();
            if (equal || neverEqual != null) {
                awaitingEqual.settle(waiting, equal ? null : neverEqual);
            }
        }
    }

    /** Sends the protocol's messages, sets the timer and reports what changed. Runs after every call of the protocol. */
    private void after() {
        SessionProtocol running = protocol;
        if (running == null) {
            return;
        }
        int burst = 0;
        while (!ended && serial.hasRoom()) {
            Message message = running.poll(context.now());
            if (message == null) {
                break;
            }
            serial.send(message);
            moved = true;
            context.tell(listener -> listener.sent(this, message.kind(), message.size()));
            if (++burst == BURST && !bursting) {
                bursting = true;
                serial.execute(() -> {
                    bursting = false;
                    after();
                });
                break;
            }
        }
        if (moved || statisticsDue || ended) {
            moved = false;
            publish(running);
        }
        if (ended) {
            drain();
        } else {
            setClock(running.nextDeadline());
        }
    }

    private void publish(SessionProtocol running) {
        statistics = running.statistics();
        if (statisticsDue) {
            statisticsDue = false;
            SessionStatistics now = statistics;
            context.tell(listener -> listener.statisticsChanged(this, now));
        }
    }

    /** Sets the timer. One that fires too early costs only a tick, so it is moved only to an earlier deadline. */
    private void setClock(long deadline) {
        if (deadline == Deadlines.NEVER || (stopClock != null && deadline - clockSetFor >= 0)) {
            return;
        }
        if (stopClock != null) {
            stopClock.run();
        }
        clockSetFor = deadline;
        long delay = Math.max(0, deadline - context.now());
        stopClock = serial.executeLater(Duration.ofNanos(delay), () -> {
            stopClock = null;
            if (!ended && protocol != null) {
                protocol.tick(context.now());
                after();
            }
        });
    }

    @Override
    public void blocksChanged() {
        wake();
    }

    @Override
    public void askedToLeave(long millis) {
        if (!askedToLeave.isDone()) {
            context.later(() -> askedToLeave.complete(Duration.ofMillis(millis)));
        }
    }

    @Override
    public void fetchAttachments(boolean withDocuments) {
        serial.execute(() -> {
            if (introduction != null || protocol == null) {
                postponed.add(() -> fetchAttachments(withDocuments));
            } else if (!ended) {
                protocol.fetchWithDocuments(withDocuments, context.now());
                after();
            }
        });
    }

    // What the protocol asks for, within calls of its methods

    @Override
    public void commit(Commit commit) {
        Runnable task = () -> {
            try {
                WriteCheck check = context.check();
                WriteCheck.RefusedWrite refusal = EraseRight.refusal(peer, commit, context.replica());
                if (refusal == null && check != null) {
                    refusal = check.refusal(peer, commit);
                }
                if (refusal != null) {
                    WriteCheck.RefusedWrite refused = refusal;
                    serial.executeNext(() -> commitRefused(refused));
                    return;
                }
                committing = Thread.currentThread();
                CommitResult result;
                try {
                    result = context.replica().commit(commit);
                } finally {
                    committing = null;
                }
                serial.executeNext(() -> commitDone(result));
            } catch (RuntimeException | Error e) {
                SyncException why = SyncFailures.of("storing what " + peer.remote() + " sent", e);
                serial.execute(() -> commitFailed(why));
            }
        };
        context.commits().execute(task, refusal -> {
            SyncException why = new SyncException(ErrorKind.CLOSED, "the executor takes no more work", refusal);
            serial.execute(() -> commitFailed(why));
        });
    }

    private void commitDone(CommitResult result) {
        stored |= !result.accepted().isEmpty();
        context.tell(listener -> listener.committed(this, result));
        if (!ended && protocol != null) {
            protocol.commitDone(result, context.now());
            after();
            settleEqual();
        }
    }

    private void commitRefused(WriteCheck.RefusedWrite refusal) {
        if (!ended && protocol != null) {
            protocol.commitRefused(refusal.event(), refusal.why(), context.now());
            after();
        }
    }

    private void commitFailed(SyncException why) {
        if (!ended && protocol != null) {
            protocol.commitFailed(why, context.now());
            after();
        }
    }

    @Override
    public void request(long messages) {
        serial.channel().request(messages);
    }

    @Override
    public void statusChanged(SessionStatus now) {
        status = now;
        context.tell(listener -> listener.statusChanged(this, now));
    }

    @Override
    public void statisticsChanged() {
        statisticsDue = true;
    }

    @Override
    public void backlogSettled(@Nullable SyncException why) {
        backlog.settle(why);
    }

    @Override
    public boolean isEqualAwaited() {
        return !awaitingEqual.isEmpty();
    }

    @Override
    public void equalChanged(@Nullable List<Cid> clock) {
        boolean before = equalAt != null;
        boolean now = clock != null;
        equalAt = clock;
        settleEqual();
        if (now != before) {
            context.tell(listener -> listener.equalChanged(this, now));
        }
    }

    @Override
    public void peerHolds(List<Cid> clock) {
        acknowledged = clock;
    }

    @Override
    public void treeMismatch(Cid event, List<String> ids) {
        LOG.log(
                Level.WARNING,
                "the tree of event {0} from {1} does not hold what the events say of {2}; the peer gets one that does",
                event,
                peer.remote(),
                ids.isEmpty() ? "its documents" : ids);
        context.tell(listener -> listener.treeMismatch(this, event, ids));
    }

    @Override
    public void rightsStated(Rights stated) {
        rights = stated;
        if (!stated.canRead()) {
            neverEqual = new SyncException(
                    ErrorKind.REFUSED,
                    "peer " + peer.remote() + " gives write access only: it doesn't say what it has");
            settleEqual();
        }
    }

    @Override
    public void changesRefused(SyncException refusal) {
        neverEqual = refusal;
        settleEqual();
        if (refused++ == 0) {
            LOG.log(Level.WARNING, "{0}", refusal.getMessage());
        }
        context.tell(listener -> listener.changesRefused(this, refusal));
    }

    @Override
    public void sessionFailed(SyncException why) {
        failure = why;
    }

    @Override
    public void sessionEnded(@Nullable SyncException why) {
        ended = true;
        failure = why;
    }

    // The end

    private void drain() {
        if (draining || reported.get()) {
            return;
        }
        draining = true;
        letGo();
        // The channel promises to close in time; if it doesn't, the session ends without it.
        Duration patience = context.closeTimeout().multipliedBy(2);
        stopCloseClock = context.schedule(
                patience,
                () -> serial.execute(() -> {
                    serial.channel().abort(new SyncException(ErrorKind.TIMEOUT, "the channel did not close in time"));
                    finish(failure);
                }));
        CompletionStage<Void> gone;
        try {
            gone = serial.close();
        } catch (RuntimeException e) {
            finish(SyncFailures.of("closing the channel to " + peer.remote(), e));
            return;
        }
        var unused = gone.whenComplete((nothing, thrown) -> serial.execute(() -> finish(failure)));
    }

    /**
     * Stops timers and the feed, and drops the protocol with everything that it holds, so that a reference to an ended session keeps little
     * memory.
     */
    private void letGo() {
        Introduction under = introduction;
        introduction = null;
        if (under != null) {
            under.cancel(SyncFailures.closed());
        }
        postponed.clear();
        SessionProtocol last = protocol;
        protocol = null;
        if (last != null) {
            statistics = last.statistics();
            try {
                last.abandon();
            } catch (RuntimeException | Error e) {
                LOG.log(Level.WARNING, "a snapshot did not close", e);
            }
        }
        promised.close();
        if (memory != null) {
            memory.close();
            memory = null;
        }
        PresenceLink link = presence;
        presence = null;
        if (link != null) {
            context.presence().close(link);
        }
        if (stopClock != null) {
            stopClock.run();
        }
        stopCloseClock.run();
        Subscription feed = subscription;
        subscription = null;
        if (feed != null) {
            feed.close();
        }
    }

    private void finish(@Nullable SyncException why) {
        if (!reported.compareAndSet(false, true)) {
            return;
        }
        ended = true;
        letGo();
        lag = null;
        status = SessionStatus.DESTROYED;
        context.registry().ended(registration);
        SyncException told = why != null
                ? why
                : new SyncException(ErrorKind.CLOSED, "the session with " + peer.remote() + " was closed");
        backlog.settle(told);
        equalAt = null;
        awaitingEqual.end(told);
        awaitingDelivery.end(told);
        if (closing && why != null) {
            // Whoever closes a whole Sync has no session in hand to ask.
            LOG.log(Level.WARNING, "closing the session with {0}: {1}", peer.remote(), why.getMessage());
        }
        tellOpened();
        context.tell(listener -> listener.sessionClosed(this, why));
        closed.settle(why);
    }
}
