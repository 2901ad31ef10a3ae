package dev.livesync.core.session;

import dev.livesync.PeerInfo;
import dev.livesync.Progress;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.SyncLimits;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.engine.Effects;
import dev.livesync.core.engine.Engine;
import dev.livesync.core.engine.EngineConfig;
import dev.livesync.core.engine.Memory;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Runs one engine on one wire: everything but commits happens in the wire's mailbox, and after each event the channel gets
 * what the engine has to say and the clock is set for what it waits for. Commits run beside it on the executor, so that a
 * session whose disk is slow still answers.
 *
 * <p>Three steps to the end: the engine has ended (nothing is committed or sent any more), the channel is closed, everybody
 * is told.
 */
final class SessionRunner implements Session, Effects, Wire.Phase {
    private static final System.Logger LOG = System.getLogger(SessionRunner.class.getName());

    /** Messages in one go, so that what arrives meanwhile and other sessions get their turn. */
    private static final int BURST = 16;

    private final Node node;
    private final Slots.Slot slot;
    private final Wire wire;
    private final String transport;
    private final PeerInfo peer;
    private final EngineConfig config;
    private final long firstGrant;
    private final Promise backlog;
    private final Promise closed;
    private final Waiters awaitingEqual = new Waiters();
    private final Waiters awaitingDelivery = new Waiters();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final AtomicBoolean reported = new AtomicBoolean();

    private @Nullable Engine engine;
    private @Nullable Memory memory;
    private @Nullable Subscription subscription;
    private @Nullable Runnable stopClock;
    private long clockSetFor = Engine.NEVER;
    private Runnable stopCloseClock = () -> {};
    private int clocks;
    private boolean moved;
    private boolean progressed;
    private boolean ended;
    private boolean closing;
    private boolean draining;
    private @Nullable SyncException failure;
    private boolean bursting;

    private volatile SessionStatus status = SessionStatus.CONNECTING;
    private volatile Progress progress = new Progress(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1);
    private volatile @Nullable List<Cid> equalAt;

    SessionRunner(
            Node node,
            Slots.Slot slot,
            Wire wire,
            String transport,
            PeerInfo peer,
            EngineConfig config,
            long firstGrant) {
        this.firstGrant = firstGrant;
        this.node = node;
        this.slot = slot;
        this.wire = wire;
        this.transport = transport;
        this.peer = peer;
        this.config = config;
        this.backlog = new Promise(node);
        this.closed = new Promise(node);
    }

    /** Takes over an open channel; in the wire's mailbox. */
    void begin() {
        wire.become(this);
        if (!node.slots().fill(slot, this)) {
            SyncException unwanted =
                    new SyncException(ErrorKind.CANCELLED, "nobody waits for the session with " + peer.remote());
            wire.channel().abort(unwanted);
            reported.set(true);
            status = SessionStatus.DESTROYED;
            backlog.settle(unwanted);
            awaitingEqual.end(unwanted);
            awaitingDelivery.end(unwanted);
            closed.settle(unwanted);
            return;
        }
        node.tell(listener -> listener.sessionOpened(this));
        try {
            open();
        } catch (SyncException e) {
            wire.channel().abort(e);
            finish(e);
        } catch (RuntimeException | Error e) {
            // Not for whoever called: somebody waits there for this session, such as it is.
            crashed(Failures.of("the session with " + peer.remote(), e));
        }
    }

    private void open() {
        Memory own = node.memory(this::memoryFreed, firstGrant);
        memory = own;
        Engine begun = new Engine(config, node.replica(), this, own);
        engine = begun;
        subscription = node.replica().onChange(this::wake);
        begun.open(node.now());
        CloseReason reason = wire.closed();
        if (reason != null) {
            begun.closed(reason, node.now());
        }
        after();
        if (node.isClosed()) {
            close(); // whoever closes all sessions may have come before this one
        }
    }

    // What users call

    @Override
    public String id() {
        return config.origin().session();
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
    public SessionStatus status() {
        return status;
    }

    @Override
    public CompletionStage<Void> backlog() {
        return backlog.copy();
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
    public CompletionStage<Void> awaitEqual() {
        Promise promise = new Promise(node);
        if (equal()) {
            promise.settle(null);
        } else {
            awaitingEqual.add(promise);
            wire.execute(this::look);
        }
        CompletableFuture<Void> own = promise.copy();
        var unused = own.whenComplete((nothing, failure) -> awaitingEqual.forget(promise));
        return own;
    }

    @Override
    public CompletionStage<Void> delivered() {
        List<Cid> clock;
        try {
            clock = heads();
        } catch (SyncException e) {
            Promise promise = new Promise(node);
            promise.settle(e);
            return promise.copy();
        }
        return delivered(clock);
    }

    @Override
    public CompletionStage<Void> delivered(Collection<Cid> clock) {
        List<Cid> events = List.copyOf(clock);
        Promise promise = new Promise(node);
        awaitingDelivery.add(promise);
        wire.execute(() -> {
            if (!ended && engine != null) {
                engine.deliver(events, failed -> awaitingDelivery.settle(List.of(promise), failed), node.now());
                after();
            }
        });
        return promise.copy();
    }

    @Override
    public Progress statistics() {
        return progress;
    }

    @Override
    public CompletionStage<Void> closed() {
        return closed.copy();
    }

    @Override
    public void close() {
        wire.execute(() -> {
            if (ended || engine == null) {
                return;
            }
            SyncLimits limits = node.limits();
            SyncException late = new SyncException(
                    ErrorKind.TIMEOUT, "the peer at " + peer.remote() + " did not let the session end in time");
            if (limits.closeTime().isZero()) {
                abort(Failures.closed());
                return;
            }
            if (!closing) {
                closing = true;
                stopCloseClock = node.schedule(limits.deliveryTime().plus(limits.closeTime()), () -> abort(late));
            }
            engine.close(node.now());
            after();
        });
    }

    @Override
    public void abort() {
        abort(new SyncException(ErrorKind.CANCELLED, "the session with " + peer.remote() + " was aborted"));
    }

    void abort(SyncException reason) {
        wire.execute(() -> {
            if (!ended && engine != null) {
                engine.fail(reason, node.now());
            }
            wire.channel().abort(reason);
            if (ended) {
                finish(failure);
            } else {
                after();
            }
        });
    }

    // What the wire reports

    @Override
    public void message(Message message) {
        node.tell(listener -> listener.received(this, message.kind(), message.size()));
        moved = true;
        if (!ended && engine != null) {
            engine.received(message, node.now());
            after();
        }
    }

    @Override
    public void room() {
        after();
    }

    @Override
    public void sendFailed(SyncException why) {
        // A channel that has ended says why itself, and what it had delivered before is still to come.
        if (!ended && engine != null && why.kind() != ErrorKind.DISCONNECTED && why.kind() != ErrorKind.CLOSED) {
            engine.fail(why, node.now());
        }
        after();
    }

    @Override
    public void closed(CloseReason reason) {
        if (!ended && engine != null) {
            engine.closed(reason, node.now());
        }
        after();
    }

    @Override
    public void crashed(SyncException why) {
        ended = true;
        try {
            wire.channel().abort(why);
        } finally {
            finish(why);
        }
        LOG.log(Level.ERROR, "the session with " + peer.remote() + " broke down", why);
    }

    @Override
    public void refused(SyncException why) {
        ended = true;
        try {
            wire.channel().abort(why);
        } finally {
            finish(why);
        }
    }

    private void memoryFreed() {
        wire.execute(() -> {
            if (!ended && engine != null) {
                if (memory != null && !wire.hasRoom()) {
                    memory.out().leave(); // it asks again when there is
                }
                engine.memoryFreed(node.now());
                after();
            }
        });
    }

    private void wake() {
        if (woken.compareAndSet(false, true)) {
            wire.execute(() -> {
                woken.set(false);
                look();
            });
        }
    }

    /** What the database holds may be other than what is known of it here. */
    private void look() {
        if (!ended && engine != null) {
            engine.changed(node.now());
            after();
            settleEqual();
        }
    }

    private List<Cid> heads() {
        try (Snapshot snapshot = node.replica().snapshot()) {
            return snapshot.heads();
        }
    }

    /** Of those who had asked by now, the clock that they meant is among what is read now. */
    private void settleEqual() {
        List<Promise> waiting = awaitingEqual.all();
        if (!waiting.isEmpty() && equal()) {
            awaitingEqual.settle(waiting, null);
        }
    }

    /** Sends what there is to send, sets the clock, tells what moved. After every call of the engine. */
    private void after() {
        Engine running = engine;
        if (running == null) {
            return;
        }
        int burst = 0;
        while (!ended && wire.hasRoom()) {
            Message message = running.poll(node.now());
            if (message == null) {
                break;
            }
            wire.send(message);
            moved = true;
            node.tell(listener -> listener.sent(this, message.kind(), message.size()));
            if (++burst == BURST && !bursting) {
                bursting = true;
                wire.execute(() -> {
                    bursting = false;
                    after();
                });
                break;
            }
        }
        if (moved || progressed || ended) {
            moved = false;
            publish(running);
        }
        if (ended) {
            drain();
        } else {
            setClock(running.nextDeadline());
        }
    }

    private void publish(Engine running) {
        progress = running.progress();
        if (progressed) {
            progressed = false;
            Progress now = progress;
            node.tell(listener -> listener.progress(this, now));
        }
    }

    /** A clock that is set too early only costs a tick; so it is set anew only for what is earlier. */
    private void setClock(long deadline) {
        if (deadline == Engine.NEVER || (stopClock != null && deadline - clockSetFor >= 0)) {
            return;
        }
        if (stopClock != null) {
            stopClock.run();
        }
        clockSetFor = deadline;
        long delay = Math.max(0, deadline - node.now());
        int clock = ++clocks;
        stopClock = node.schedule(
                Duration.ofNanos(delay),
                () -> wire.execute(() -> {
                    if (clock == clocks) {
                        stopClock = null;
                    }
                    if (!ended && engine != null) {
                        engine.tick(node.now());
                        after();
                    }
                }));
    }

    // What the engine asks for, within calls of its methods

    @Override
    public void commit(Commit commit) {
        Runnable task = () -> {
            try {
                CommitResult result = node.replica().commit(commit);
                wire.executeNext(() -> commitDone(result));
            } catch (RuntimeException | Error e) {
                SyncException why = Failures.of("storing what " + peer.remote() + " sent", e);
                wire.execute(() -> commitFailed(why));
            }
        };
        node.commits().execute(task, refusal -> {
            SyncException why = new SyncException(ErrorKind.CLOSED, "the executor takes no more work", refusal);
            wire.execute(() -> commitFailed(why));
        });
    }

    private void commitDone(CommitResult result) {
        node.tell(listener -> listener.committed(this, result));
        if (!ended && engine != null) {
            engine.commitDone(result, node.now());
            after();
        }
    }

    private void commitFailed(SyncException why) {
        if (!ended && engine != null) {
            engine.commitFailed(why, node.now());
            after();
        }
    }

    @Override
    public void request(long messages) {
        wire.channel().request(messages);
    }

    @Override
    public void status(SessionStatus now) {
        status = now;
        node.tell(listener -> listener.statusChanged(this, now));
    }

    @Override
    public void progress() {
        progressed = true;
    }

    @Override
    public void backlog(@Nullable SyncException why) {
        backlog.settle(why);
    }

    @Override
    public void equal(@Nullable List<Cid> clock) {
        boolean before = equalAt != null;
        boolean now = clock != null;
        equalAt = clock;
        settleEqual();
        if (now != before) {
            node.tell(listener -> listener.equalChanged(this, now));
        }
    }

    @Override
    public void mismatch(Cid event, List<String> ids) {
        LOG.log(
                Level.WARNING,
                "the tree of event {0} from {1} does not hold what the events say of {2}; the peer gets one that does",
                event,
                peer.remote(),
                ids.isEmpty() ? "its documents" : ids);
        node.tell(listener -> listener.treeMismatch(this, event, ids));
    }

    @Override
    public void failed(SyncException why) {
        failure = why;
    }

    @Override
    public void ended(@Nullable SyncException why) {
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
        Duration patience = node.closeTimeout().multipliedBy(2);
        stopCloseClock = node.schedule(
                patience,
                () -> wire.execute(() -> {
                    wire.channel().abort(new SyncException(ErrorKind.TIMEOUT, "the channel did not close in time"));
                    finish(failure);
                }));
        CompletionStage<Void> gone;
        try {
            gone = wire.channel().close();
        } catch (RuntimeException e) {
            finish(Failures.of("closing the channel to " + peer.remote(), e));
            return;
        }
        var unused = gone.whenComplete((nothing, thrown) -> wire.execute(() -> finish(failure)));
    }

    /** Stops clocks and the feed, and drops the engine with all that it has gathered: whoever keeps a session keeps no more than it. */
    private void letGo() {
        Engine last = engine;
        engine = null;
        if (last != null) {
            progress = last.progress();
            try {
                last.abandon();
            } catch (RuntimeException | Error e) {
                LOG.log(Level.WARNING, "a snapshot did not close", e);
            }
        }
        if (memory != null) {
            memory.close();
            memory = null;
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
        status = SessionStatus.DESTROYED;
        node.slots().ended(slot);
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
        node.tell(listener -> listener.sessionClosed(this, why));
        closed.settle(why);
    }
}
