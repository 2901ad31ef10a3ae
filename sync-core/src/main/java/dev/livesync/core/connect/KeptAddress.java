package dev.livesync.core.connect;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.SerialRunner;
import dev.livesync.core.session.ManagedResource;
import dev.livesync.core.session.Promise;
import dev.livesync.core.session.SessionFactory;
import dev.livesync.core.session.SessionRunner;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import dev.livesync.core.session.SyncTask;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A kept peer. Whatever happens to it (an outcome, a timer, a call) is a step, and steps run one at a time on the executor; so nothing is
 * missed between looking and waiting, and there is neither a lock nor a thread. What comes of a dial or a timer that was given up is
 * known by its number.
 */
final class KeptAddress implements KeptPeer, ManagedResource {
    private static final System.Logger LOG = System.getLogger(KeptAddress.class.getName());

    /** How often to look for other addresses of this machine, and how old a dial is before it is given up for them. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** What a peer that wants us to come back later can at most make of it: longer than anybody takes to leave a machine. */
    private static final Duration LONGEST_STAY = Duration.ofMinutes(10);

    private record KeptStatus(
            State state,
            Optional<Session> session,
            Optional<SyncException> failure,
            int failures,
            Optional<Instant> nextDial)
            implements Status {}

    private final SyncContext context;
    private final String address;
    private final Supplier<CompletableFuture<Session>> dial;
    private final Supplier<Set<String>> networks;
    private final Consumer<KeptAddress> onStop;
    private final Consumer<Status> onChange;
    private final RetryPolicy policy;
    private final Promise closed;
    private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
    private final SerialRunner runner;
    private final List<CompletableFuture<Session>> waiting = new ArrayList<>();
    private volatile KeptStatus status =
            new KeptStatus(State.CONNECTING, Optional.empty(), Optional.empty(), 0, Optional.empty());

    private boolean closing;
    private long attempt;
    private @Nullable CompletableFuture<Session> dialling;
    private @Nullable Session session;
    private @Nullable SyncException failure;
    private boolean inStep;
    private long since;
    private long due;
    private Set<String> addresses = Set.of();
    private Runnable stopTimer = () -> {};

    /**
     * Makes one; {@link #begin} dials.
     *
     * @param address for people
     * @param dial begins a dial; must not throw
     * @param networks the addresses of this machine
     * @param onStop told when it has stopped
     * @param onChange told what it does
     */
    KeptAddress(
            SyncContext context,
            String address,
            Supplier<CompletableFuture<Session>> dial,
            Supplier<Set<String>> networks,
            Consumer<KeptAddress> onStop,
            Consumer<Status> onChange) {
        this.context = context;
        this.address = address;
        this.dial = dial;
        this.networks = networks;
        this.onStop = onStop;
        this.onChange = onChange;
        this.policy = new RetryPolicy(bound -> context.random(random -> random.nextLong(bound)));
        this.closed = new Promise(context::later);
        this.runner = new SerialRunner(context::later, 16, steps::poll, this::crashed);
    }

    /** Begins to dial. */
    void begin() {
        if (context.admit(this)) {
            step(this::dial);
        } else {
            step(() -> stop(SyncFailures.closed()));
        }
    }

    private void step(Runnable step) {
        steps.add(step);
        runner.wake();
    }

    // What users call

    @Override
    public String address() {
        return address;
    }

    @Override
    public Status status() {
        return status;
    }

    @Override
    public CompletableFuture<Session> connected() {
        CompletableFuture<Session> own = new CompletableFuture<>();
        step(() -> {
            waiting.removeIf(CompletableFuture::isDone);
            waiting.add(own);
            answer();
        });
        return own;
    }

    @Override
    public void retryNow() {
        step(this::hurry);
    }

    @Override
    public CompletableFuture<Void> closed() {
        return closed.copy();
    }

    @Override
    public void close() {
        step(this::leave);
        if (!SyncTask.isRunning()) {
            SyncTask.await(
                    closed.copy(),
                    context.limits().deliveryTime().plus(context.closeTimeout().multipliedBy(4)));
        }
    }

    @Override
    public void end(SyncException reason) {
        step(this::leave);
    }

    // Steps

    private void dial() {
        stopTimer.run();
        long number = ++attempt;
        since = context.now();
        addresses = networks.get();
        CompletableFuture<Session> begun = dial.get();
        dialling = begun;
        look();
        become(State.CONNECTING, null);
        var unused = begun.whenComplete((opened, thrown) -> step(() -> {
            if (number == attempt) {
                dialled(opened, thrown);
            } else if (opened != null) {
                SessionFactory.discard(context, opened);
            }
        }));
    }

    private void dialled(@Nullable Session opened, @Nullable Throwable thrown) {
        dialling = null;
        if (opened != null) {
            opened(opened);
            return;
        }
        SyncException why = SyncFailures.of("dialling " + address, Objects.requireNonNull(thrown));
        if (context.isClosed()) {
            stop(null); // it may come to know of its own dial's end before it is told to end
            return;
        }
        failure = why;
        SyncException end = policy.stop(why);
        if (end != null) {
            stop(end);
        } else {
            pause(policy.afterDial());
        }
    }

    private void opened(Session next) {
        stopTimer.run();
        session = next;
        failure = null;
        inStep = false;
        long number = attempt;
        become(State.CONNECTED, null);
        answer();
        var unused = next.backlog()
                .whenComplete((nothing, thrown) -> step(() -> {
                    if (thrown == null && number == attempt) {
                        inStep = true;
                        since = context.now();
                        policy.inStep();
                    }
                }));
        if (next instanceof SessionRunner runner) {
            var unusedToo = runner.askedToLeave().thenAccept(stay -> step(() -> askedToLeave(runner, number, stay)));
        }
        var ignored = next.closed()
                .whenComplete((nothing, thrown) -> step(() -> {
                    if (number == attempt) {
                        ended(next, thrown == null ? null : SyncFailures.of("the session with " + address, thrown));
                    }
                }));
    }

    /** The peer is about to stop. Everybody leaves it at a moment of their own, so that those who take over are not dialled by all at once. */
    private void askedToLeave(SessionRunner from, long number, Duration stay) {
        if (number != attempt || closing) {
            return;
        }
        long most = (stay.compareTo(LONGEST_STAY) < 0 ? stay : LONGEST_STAY).toNanos();
        stopTimer.run();
        stopTimer = context.schedule(
                Duration.ofNanos(context.random(random -> random.nextLong(most + 1))),
                () -> step(() -> {
                    if (number == attempt && !closing) {
                        from.leave();
                    }
                }));
    }

    private void ended(Session last, @Nullable SyncException why) {
        session = null;
        if (closing || context.isClosed()) {
            stop(why);
            return;
        }
        failure = why;
        SyncException end = why == null ? null : policy.stop(why);
        if (end != null) {
            stop(end);
            return;
        }
        Duration steady = inStep ? Duration.ofNanos(context.now() - since) : Duration.ZERO;
        boolean progress = last instanceof SessionRunner runner && runner.hasProgressed();
        pause(policy.afterSession(steady, progress));
    }

    private void pause(Duration wait) {
        attempt++;
        if (wait.isZero()) {
            dial();
            return;
        }
        due = context.now() + wait.toNanos();
        become(State.WAITING, context.wallTime().plus(wait));
        look();
    }

    /** Looks again soon, at the latest when it is time to dial. */
    private void look() {
        stopTimer.run();
        long left = dialling != null ? LOOK.toNanos() : Math.min(LOOK.toNanos(), due - context.now());
        long number = attempt;
        stopTimer = context.schedule(
                Duration.ofNanos(Math.max(0, left)),
                () -> step(() -> {
                    if (number == attempt && session == null && !closing) {
                        looked();
                    }
                }));
    }

    private void looked() {
        boolean time = dialling == null && due - context.now() <= 0;
        boolean moved = !networks.get().equals(addresses);
        if (moved) {
            policy.forget();
        }
        if (time || moved) {
            redial();
        } else {
            look();
        }
    }

    private void hurry() {
        if (closing || session != null) {
            return;
        }
        policy.forget();
        if (dialling == null || context.now() - since >= LOOK.toNanos()) {
            redial();
        }
    }

    private void redial() {
        CompletableFuture<Session> slow = dialling;
        dial();
        if (slow != null) {
            slow.cancel(false);
        }
    }

    private void leave() {
        if (closing) {
            return;
        }
        closing = true;
        if (session instanceof SessionRunner running) {
            running.leave();
            return;
        }
        CompletableFuture<Session> given = dialling;
        stop(null);
        if (given != null) {
            given.cancel(false);
        }
    }

    private void stop(@Nullable SyncException end) {
        if (status.state() == State.STOPPED) {
            return;
        }
        closing = true;
        attempt++;
        dialling = null;
        failure = end;
        stopTimer.run();
        context.leave(this);
        onStop.accept(this);
        become(State.STOPPED, null);
        answer();
        closed.settle(end);
    }

    private void become(State state, @Nullable Instant nextDial) {
        KeptStatus next = new KeptStatus(
                state,
                Optional.ofNullable(session),
                Optional.ofNullable(failure),
                policy.failures(),
                Optional.ofNullable(nextDial));
        status = next;
        onChange.accept(next);
        context.tell(listener -> listener.keptPeerChanged(this, next));
    }

    /** Answers whoever waits for a session, if there is an answer. */
    private void answer() {
        Session open = session;
        if (open == null && status.state() != State.STOPPED) {
            return;
        }
        SyncException end = failure != null
                ? failure
                : new SyncException(ErrorKind.CLOSED, "the peer at " + address + " is not kept any more");
        for (CompletableFuture<Session> each : waiting) {
            context.later(() -> {
                if (open != null) {
                    each.complete(open);
                } else {
                    each.completeExceptionally(end);
                }
            });
        }
        waiting.clear();
    }

    private void crashed(Throwable thrown) {
        SyncException defect = SyncFailures.of("keeping the peer at " + address, thrown);
        LOG.log(Level.ERROR, "the peer at " + address + " is not kept any more", defect);
        Session open = session;
        session = null;
        stop(defect);
        if (open != null) {
            open.abort();
        }
    }
}
