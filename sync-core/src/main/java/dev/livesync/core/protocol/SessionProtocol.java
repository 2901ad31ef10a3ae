package dev.livesync.core.protocol;

import dev.livesync.Progress;
import dev.livesync.SessionStatus;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.CarBytes;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.message.ControlText;
import dev.livesync.core.message.DiffText;
import dev.livesync.core.message.Feature;
import dev.livesync.core.message.OkText;
import dev.livesync.core.message.Outgoing;
import dev.livesync.core.message.TextMessage;
import dev.livesync.core.protocol.Deadlines.What;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of one session, from the moment the channel is proved and open until it ends; {@code docs/protocol.md},
 * sections 3 and 4. No threads, no clock, no I/O but reads of the replica's snapshots and feed: what happens comes in by
 * the methods, what is to be done goes out by {@link Effects} and {@link #poll}.
 *
 * <p><strong>Whoever runs it</strong> makes one call at a time (from any thread, with the usual visibility), passes a
 * monotonic time in nanoseconds, and after <em>every</em> call polls: while the channel is ready for a send, {@link #poll}
 * until it returns null. Then it sets a timer for {@link #nextDeadline} and calls {@link #tick} when that has passed, after
 * it has handed in what had arrived before. The methods read from the replica and may wait for a disk, so they belong on an
 * executor and never into a channel's callback. None throws what a peer or a replica can cause: that ends in {@link
 * Effects#failed}.
 *
 * <p><strong>How it works.</strong> Three directions that do not wait for each other. <em>Receiving</em>: messages are put
 * together and checked while they arrive ({@link Receiver}), whole CARs wait ({@link PendingCars}) and are committed one
 * commit at a time; what waits is bounded by credit, or by not asking the channel for more. <em>Sending</em>: everything
 * is pulled. {@link #poll} gives control messages first, of which there is at most one of each kind, then the next piece of
 * the message under way; only when that is finished is the next one made: our diff, the answer to the peer's diff, changes
 * from the feed. <em>Watching</em>: a deadline for whatever the other end owes ({@link Deadlines}).
 */
public final class SessionProtocol {
    /** No deadline is set. */
    public static final long NEVER = Long.MAX_VALUE;

    /** What a message in pieces must at least keep up, beyond the time of one phase. */
    private static final long SLOWEST_BYTES_PER_SECOND = 16 << 10;

    private static final long LAST_WORD_NANOS = 5_000_000_000L;
    private static final int UNANSWERED_PINGS = 3;

    private enum State {
        NEW,
        OPEN,
        /** Ending in order: what was received is still committed. */
        CLOSING,
        /** Ending with a failure. */
        FAILED,
        ENDED
    }

    private final ProtocolConfig config;
    private final Replica replica;
    private final Effects effects;
    private final MessageSizes sizes;
    private final PeerFailures failures;
    private final boolean acks;
    private final Dialect dialect;
    private final long phase;
    private final long heartbeat;

    private final @Nullable Window window;
    private final Memory memory;
    private final Receiver receiver;
    private final PendingCars pending;
    private final Sender sender;
    private final Pace pace;
    private final Deadlines deadlines = new Deadlines();
    private final Counters counters = new Counters();
    private final PeerClock peerClock = new PeerClock();
    private final EchoFilter echoes;
    private final Backlog backlog = new Backlog();
    private final Deliveries deliveries = new Deliveries(() -> counters.carsSent);

    private State state = State.NEW;
    private long now;
    private boolean channelOpen;
    private boolean peerLeft;
    private SessionStatus status = SessionStatus.NEW;
    private @Nullable List<Cid> equalAt;
    private long requested;
    private List<Cid> heads = List.of();
    private boolean headsMoved;

    // What is to be sent next.
    private boolean ownDiffDue;
    private boolean ownDiffWaits;
    private boolean ownDiffCut;
    private boolean mergesFirst;
    private TextMessage.@Nullable Diff asked;
    private long askedBytes;
    private @Nullable CidSet known;
    private @Nullable DiffAnswer answer;
    private @Nullable LiveFeed live;
    private boolean ackDue;
    /** Whether the peer was told all our heads when we told them last, so that it can keep up with what it gets. */
    private boolean told = true;

    private boolean creditDue;
    private long outgoing;
    private boolean pingDue;
    private int pings;
    private @Nullable Long pongDue;

    // Parting: one side has closed, and each finishes what it had to say; then it says goodbye.
    private boolean leaving;
    private boolean peerLeaves;
    private boolean parting;
    private int partings;
    private List<Cid> partingClock = List.of();
    private boolean delivered;
    private boolean byeDue;
    private boolean byeSent;

    // How it ends.
    private @Nullable SyncException outcome;
    private @Nullable Message lastWord;
    private boolean wordsDone;

    /**
     * Makes a protocol that has not begun.
     *
     * @param config about the session
     * @param replica read for what is sent; commits go through {@code effects}
     * @param effects told what to do
     */
    public SessionProtocol(ProtocolConfig config, Replica replica, Effects effects) {
        this(config, replica, effects, Memory.unlimited(config.limits()));
    }

    /**
     * Makes a protocol that has not begun and shares memory with others.
     *
     * @param config about the session
     * @param replica read for what is sent; commits go through {@code effects}
     * @param effects told what to do
     * @param memory the session's; closed by whoever runs the protocol when that has ended
     */
    public SessionProtocol(ProtocolConfig config, Replica replica, Effects effects, Memory memory) {
        this.config = config;
        this.memory = memory;
        this.replica = Objects.requireNonNull(replica, "replica");
        this.effects = Objects.requireNonNull(effects, "effects");
        failures = new PeerFailures(config.peer());
        acks = config.features().contains(Feature.ACKS);
        phase = config.times().phase().toNanos();
        heartbeat = config.features().contains(Feature.HEARTBEAT)
                ? config.times().heartbeat().toNanos()
                : 0;
        pace = new Pace(phase, SLOWEST_BYTES_PER_SECOND);
        boolean credits = config.features().contains(Feature.CREDITS);
        boolean pieces = config.features().contains(Feature.FRAGMENTS);
        window = credits
                ? new Window(
                        config.limits().window(),
                        memory.firstGrant(),
                        pieces ? Math.min(Window.OWN, memory.firstGrant()) : memory.firstGrant(),
                        memory.in())
                : null;
        pending = new PendingCars(config.origin(), config.limits().sectionBytes());
        dialect = config.dialect().of(new Host());
        sizes = dialect.sizes();
        receiver = new Receiver(config, dialect, window, new Incoming());
        sender = new Sender(sizes, credits, config.peerWindow());
        echoes = new EchoFilter(config.salt());
    }

    /**
     * The channel is open and proved. Called once, first.
     *
     * @param now nanoseconds
     */
    public void open(long now) {
        this.now = now;
        if (state != State.NEW) {
            throw new IllegalStateException("this session was opened before");
        }
        state = State.OPEN;
        channelOpen = true;
        ownDiffDue = true;
        heard();
        mergeMany();
        after();
    }

    /** A commit, be it of nothing, gives the replica the chance to merge its heads. */
    private void mergeMany() {
        try {
            mergesFirst = dialect.mergesFirst(this::currentHeads);
            if (mergesFirst) {
                pending.addNothing();
            }
        } catch (SyncException e) {
            fail(e, null, false);
        }
    }

    /**
     * A message came from the channel. Never more than were asked for by {@link Effects#request}.
     *
     * @param message the message
     * @param now nanoseconds
     */
    public void received(Message message, long now) {
        this.now = now;
        requested--;
        if (state != State.OPEN) {
            return;
        }
        counters.messagesReceived++;
        counters.bytesReceived += message.size();
        try {
            receiver.received(message);
            if (window != null) {
                window.absorbed(receiver.unfinished(), receiver.missing());
            }
            heard();
        } catch (SyncException e) {
            fail(failures.ofPeer(e), PeerFailures.lastWord(e, true), false);
        } catch (RuntimeException e) {
            failInternally(e);
        }
        after();
    }

    /**
     * The outstanding commit is durable.
     *
     * @param result what it did
     * @param now nanoseconds
     */
    public void commitDone(CommitResult result, long now) {
        this.now = now;
        PendingCars.Load load = pending.done();
        mergesFirst = false;
        deadlines.resume(now);
        counters.carsCommitted += load.cars();
        counters.eventsCommitted += result.accepted().size();
        headsMoved = true;
        dialect.changed();
        ackDue = acks;
        backlog.stored(counters.carsCommitted);
        if (window != null && state == State.OPEN) {
            window.release(load.bytes());
        } else {
            memory.in().release(load.bytes());
        }
        if (live != null) {
            live.changed();
        }
        effects.progress();
        after();
    }

    /**
     * The outstanding commit failed and changed nothing. Ends the session.
     *
     * @param failure why
     * @param now nanoseconds
     */
    public void commitFailed(SyncException failure, long now) {
        this.now = now;
        pending.done();
        deadlines.resume(now);
        boolean shared = failure.kind() == ErrorKind.LIMIT_EXCEEDED;
        fail(failure, PeerFailures.lastWord(failure, shared), false);
        after();
    }

    /**
     * The replica has, or may have, changed: its wake-up, passed on.
     *
     * @param now nanoseconds
     */
    public void changed(long now) {
        this.now = now;
        headsMoved = true;
        dialect.changed();
        if (live != null) {
            live.changed();
        }
        after();
    }

    /**
     * There may be memory now for what waited for some.
     *
     * @param now nanoseconds
     */
    public void memoryFreed(long now) {
        this.now = now;
        if (state == State.OPEN && window != null) {
            window.retry();
        }
        after();
    }

    /**
     * The next message for the channel. Everything is made when it is asked for, so a slow channel costs no memory.
     *
     * @param now nanoseconds
     * @return the message, which counts as sent; null if there is nothing to send now
     */
    public @Nullable Message poll(long now) {
        this.now = now;
        deadlines.clear(What.ROOM);
        Message message = next();
        if (message == null && parting && state == State.OPEN) {
            // There was nothing left to send, and that may be what the goodbye waits for.
            partIfDelivered();
            message = next();
        }
        if (message != null) {
            counters.messagesSent++;
            counters.bytesSent += message.size();
            deadlines.set(What.ROOM, now + phase);
        }
        after();
        return message;
    }

    /**
     * When {@link #tick} is due.
     *
     * @return nanoseconds, comparable to the {@code now} of the other methods by subtraction; {@link #NEVER} if no deadline
     *     is set
     */
    public long nextDeadline() {
        return deadlines.next(now);
    }

    /**
     * Time has passed. Harmless when nothing is due.
     *
     * @param now nanoseconds
     */
    public void tick(long now) {
        this.now = now;
        What what = deadlines.passed(now);
        while (what != null) {
            deadlines.clear(what);
            passed(what);
            what = deadlines.passed(now);
        }
        after();
    }

    /**
     * Ends the session in order: what the replica holds now is delivered, what the peer had written before it heard of this
     * is taken in, both within the time set for it; then the session ends. If the peer did not get all, that is the outcome.
     *
     * @param now nanoseconds
     */
    public void close(long now) {
        this.now = now;
        if (state == State.NEW) {
            endInOrder();
        } else if (state == State.OPEN && !leaving) {
            leaving = true;
            part();
        }
        after();
    }

    /**
     * Somebody wants to know when the peer holds a clock.
     *
     * @param clock events that are complete here
     * @param told called once: with null when the peer has acknowledged it as durable, or, where it speaks no acks, when it was
     *     handed to the channel; with {@link ErrorKind#NOT_FOUND} for what is not here. Not called at all if the session ends
     *     before
     * @param now nanoseconds
     */
    public void deliver(Collection<Cid> clock, Consumer<@Nullable SyncException> told, long now) {
        this.now = now;
        if (state == State.OPEN) {
            try {
                deliver(clock, told);
            } catch (SyncException e) {
                fail(e, PeerFailures.lastWord(e, false), false);
            } catch (RuntimeException e) {
                failInternally(e);
            }
        }
        after();
    }

    /**
     * Ends the session with a failure from outside, such as a failed send or a cancellation; the peer is told, if the
     * channel still carries it.
     *
     * @param failure the outcome
     * @param now nanoseconds
     */
    public void fail(SyncException failure, long now) {
        this.now = now;
        fail(failure, PeerFailures.lastWord(failure, false), false);
        after();
    }

    /**
     * The channel has ended.
     *
     * @param reason why
     * @param now nanoseconds
     */
    public void closed(CloseReason reason, long now) {
        this.now = now;
        channelOpen = false;
        if (state == State.NEW || state == State.OPEN) {
            peerLeft = reason.initiator() == CloseReason.Initiator.REMOTE;
            SyncException failure = reason.failure();
            if (byeSent || peerLeaves) {
                // Whatever it looks like: somebody has said goodbye.
                failure = null;
            } else if (failure == null && peerLeft) {
                failure = dialect.withoutGoodbye(
                        failures.of(ErrorKind.DISCONNECTED, "closed the channel without a goodbye"));
            }
            if (failure == null) {
                parted(ErrorKind.DISCONNECTED, "it left before");
            } else {
                // What arrived whole is right and may be kept: the next session goes on from there.
                fail(failure, null, true);
            }
        }
        wordsDone = true;
        after();
    }

    /**
     * Lets go of whatever is held, in whichever state a call that threw has left this protocol: nothing is called any more
     * afterwards. Harmless after the regular end.
     */
    public void abandon() {
        state = State.ENDED;
        try {
            stopSending();
        } finally {
            pending.clear();
            receiver.drop();
        }
    }

    /**
     * The counts so far.
     *
     * @return a copy
     */
    public Progress progress() {
        return counters.snapshot();
    }

    // ---- what every call ends with

    private void after() {
        if (state == State.OPEN) {
            try {
                backlog();
                dialect.look();
                if (headsMoved) {
                    heads = currentHeads();
                }
                List<Cid> same = peerClock.equal(heads, replica) ? heads : null;
                if (!Objects.equals(same, equalAt)) {
                    equalAt = same;
                    effects.equal(same);
                }
                if (same != null && pending.isEmpty() && sender.current() == null && answer == null && !ownDiffDue) {
                    status(SessionStatus.FULL_SYNCED);
                }
                partIfDelivered();
            } catch (SyncException e) {
                fail(e, PeerFailures.lastWord(e, false), false);
            } catch (RuntimeException e) {
                failInternally(e);
            }
        }
        Commit commit = pending.next();
        if (commit != null) {
            status(SessionStatus.PARKING_CAR);
            deadlines.stop(now);
            effects.commit(commit);
        }
        if (state == State.OPEN) {
            refill();
            watch();
            dialect.watch();
        }
        endIfOver();
    }

    /** Read anew and not taken from a commit's result, which may be heard of late. */
    private List<Cid> currentHeads() {
        headsMoved = false;
        try (Snapshot snapshot = replica.snapshot()) {
            return snapshot.heads();
        }
    }

    /** Keeps the channel delivering as long as what waits here is within bounds. With credit the peer sees to that. */
    private void refill() {
        int most = window != null ? 64 : 4;
        if ((window != null || pending.bytes() < config.limits().window() && hasMemory()) && requested <= most / 2) {
            long more = most - requested;
            requested = most;
            effects.request(more);
        }
    }

    /** Whether another message may come that nobody has to grant; the first always may. */
    private boolean hasMemory() {
        return pending.bytes() == 0 || memory.in().hasRoom();
    }

    /** Sets the clocks for what the peer owes; a message in pieces has one of its own. */
    private void watch() {
        boolean withheld = window != null && window.waits();
        if (withheld) {
            deadlines.start(What.MEMORY, now + phase / 4);
        } else {
            deadlines.clear(What.MEMORY);
        }
        if (receiver.inPieces() && !withheld) {
            long time = receiver.stated() / SLOWEST_BYTES_PER_SECOND * 1_000_000_000L;
            deadlines.start(What.MESSAGE, now + phase + time);
        } else {
            deadlines.clear(What.MESSAGE);
        }
        boolean diffCame = backlog.clock() != null;
        if (byeSent || peerLeaves) {
            deadlines.clear(What.DIFF);
            deadlines.clear(What.ANSWER);
            return;
        }
        if (diffCame || receiver.inTextPieces() || !backlog.hasAsked() && !ownDiffWaits) {
            // It has come, or is coming, or may be waiting for ours.
            deadlines.clear(What.DIFF);
        } else {
            deadlines.start(What.DIFF, now + phase);
        }
        if (diffCame && backlog.awaitsAnswer() && !receiver.inPieces() && !withheld) {
            deadlines.start(What.ANSWER, now + phase);
        } else {
            deadlines.clear(What.ANSWER);
        }
    }

    private void backlog() {
        if (backlog.isOver()) {
            return;
        }
        if (backlog.isDone(replica)) {
            deadlines.clear(What.ANCESTORS);
            backlog.end();
            effects.backlog(null);
        } else if (backlog.lacksAncestors()) {
            deadlines.start(What.ANCESTORS, now + phase);
        }
    }

    private String likelyCause() {
        return dialect.likelyCause(backlog.clock() == null || backlog.awaitsAnswer());
    }

    private void endIfOver() {
        if (state != State.CLOSING && state != State.FAILED || !pending.isEmpty()) {
            return;
        }
        if (!wordsDone) {
            deadlines.start(What.LAST_WORD, now + LAST_WORD_NANOS);
            return;
        }
        state = State.ENDED;
        deadlines.clearAll();
        if (!backlog.isOver()) {
            backlog.end();
            effects.backlog(
                    outcome != null
                            ? outcome
                            : failures.of(
                                    ErrorKind.DISCONNECTED,
                                    "and we parted before both had everything" + (peerLeft ? likelyCause() : "")));
        }
        status(SessionStatus.DESTROYED);
        effects.ended(outcome);
    }

    private void status(SessionStatus next) {
        boolean last = next == SessionStatus.CLOSING || next == SessionStatus.DESTROYED;
        if (status != next && (last || !parting)) {
            status = next;
            effects.status(next);
        }
    }

    // ---- parting

    private void deliver(Collection<Cid> clock, Consumer<@Nullable SyncException> told) {
        if (clock.isEmpty()) {
            told.accept(null);
            return;
        }
        try (Snapshot snapshot = replica.snapshot()) {
            for (Cid cid : clock) {
                if (snapshot.event(cid) == null) {
                    told.accept(new SyncException(
                            ErrorKind.NOT_FOUND, "event " + cid + " is not complete here and can't be delivered"));
                    return;
                }
            }
        }
        deliveries.add(clock, told);
        if (live != null) {
            live.changed();
        }
    }

    /** One side has closed: what is here now is the last that is delivered. */
    private void part() {
        Duration time = config.times().parting();
        if (time.isZero()) {
            endInOrder();
            return;
        }
        parting = true;
        dialect.parting();
        status(SessionStatus.CLOSING);
        deadlines.start(What.PARTING, now + time.toNanos());
        if (byeSent) {
            return;
        }
        int mine = ++partings;
        delivered = false;
        try {
            heads = currentHeads();
            partingClock = heads;
            deliver(partingClock, failure -> delivered |= mine == partings);
        } catch (SyncException e) {
            fail(e, PeerFailures.lastWord(e, false), false);
        }
    }

    /** Says goodbye once the peer has everything, and ends once both have said it. */
    private void partIfDelivered() {
        deliveries.acknowledged(acks ? counters.carsAcknowledged : Long.MAX_VALUE);
        if (!parting || !delivered) {
            return;
        }
        // Not before we have asked: the answer may be what the peer had written.
        byeDue = !byeSent && (peerLeaves || backlog.hasAsked());
        if (dialect.hasParted(byeSent, peerLeaves)) {
            endInOrder();
        }
    }

    /** Ends in order, if also with less than was to be delivered: that is the outcome then, if it was we who wanted to leave. */
    private void parted(ErrorKind kind, String why) {
        if (leaving && !delivered) {
            outcome = failures.undelivered(kind, dialect.undelivered(), partingClock, why);
            effects.failed(outcome);
        }
        endInOrder();
    }

    private void peerLeaves() {
        peerLeaves = true;
        ownDiffDue = false;
        if (live != null || asked != null) {
            part();
        } else {
            // It never said what it has.
            parted(ErrorKind.DISCONNECTED, "it left before");
            lastWord = null;
            wordsDone = true;
        }
    }

    // ---- ending

    private void endInOrder() {
        state = State.CLOSING;
        stopSending();
        receiver.drop();
        byeDue = false;
        lastWord = !channelOpen || byeSent ? null : dialect.lastWord(ControlText.bye());
        wordsDone = lastWord == null;
        status(SessionStatus.CLOSING);
    }

    private void fail(SyncException failure, @Nullable Message word, boolean keepParked) {
        if (state == State.FAILED || state == State.ENDED || outcome != null) {
            return;
        }
        outcome = failure;
        state = State.FAILED;
        stopSending();
        receiver.drop();
        if (!keepParked) {
            pending.clear();
        }
        lastWord = channelOpen ? dialect.lastWord(word) : null;
        wordsDone = lastWord == null;
        effects.failed(failure);
    }

    private void failInternally(RuntimeException e) {
        SyncException failure = failures.internal(e);
        fail(failure, PeerFailures.lastWord(failure, false), false);
    }

    private void stopSending() {
        deadlines.clearAll();
        dropUnsent();
        memory.out().close();
        memory.in().leave();
    }

    private void dropUnsent() {
        pace.stop();
        deadlines.clear(What.PACE);
        memory.out().leave();
        memory.out().release(outgoing);
        outgoing = 0;
        DiffAnswer oldAnswer = answer;
        LiveFeed oldFeed = live;
        answer = null;
        live = null;
        asked = null;
        known = null;
        try (oldFeed;
                oldAnswer) {
            sender.drop();
        }
    }

    // ---- sending

    private @Nullable Message next() {
        if (state == State.OPEN) {
            try {
                Message control = control();
                return control != null ? control : data();
            } catch (SyncException e) {
                // About the size of what the peer was to get, or about our own store.
                fail(e, PeerFailures.lastWord(e, e.kind() == ErrorKind.LIMIT_EXCEEDED), false);
            } catch (RuntimeException e) {
                failInternally(e);
            }
        }
        if (state == State.CLOSING && channelOpen) {
            Message control = control();
            if (control != null) {
                return control;
            }
            if (!pending.isEmpty()) {
                return null;
            }
        }
        Message word = lastWord;
        lastWord = null;
        if (word == null && state != State.OPEN && (state != State.CLOSING || pending.isEmpty())) {
            wordsDone = true;
        }
        return channelOpen ? word : null;
    }

    private @Nullable Message control() {
        if (window != null && (window.due() || creditDue)) {
            creditDue = false;
            return ControlText.credit(window.tell());
        }
        if (ackDue) {
            ackDue = false;
            heads = currentHeads();
            told = ControlText.namesHeads(heads.size(), config.maxMessageBytes());
            return ControlText.ack(counters.carsCommitted, heads, config.maxMessageBytes());
        }
        if (pongDue != null) {
            Message pong = ControlText.pong(pongDue);
            pongDue = null;
            return pong;
        }
        if (pingDue) {
            pingDue = false;
            return ControlText.ping(pings);
        }
        if (byeDue) {
            byeDue = false;
            byeSent = true;
            dropUnsent();
            deadlines.clear(What.ACK);
            deadlines.clear(What.CREDIT);
            return ControlText.bye();
        }
        return null;
    }

    private @Nullable Message data() {
        if (byeSent || sender.current() == null && !start()) {
            return null;
        }
        Outgoing current = Objects.requireNonNull(sender.current());
        Message message = sender.next();
        if (sender.blocked()) {
            deadlines.start(What.CREDIT, now + phase);
        } else {
            deadlines.clear(What.CREDIT);
        }
        if (window != null) {
            pace.sent(message == null ? 0 : message.size(), now);
            deadlines.set(What.PACE, pace.until());
        }
        if (sender.current() == null) {
            memory.out().release(outgoing);
            outgoing = 0;
            sent(current);
        }
        return message;
    }

    /** Makes the next message, if there is memory for the largest; what it takes is known once it is made. */
    private boolean start() {
        if (!dialect.speaksByItself()
                && !ownDiffDue
                && asked == null
                && answer == null
                && (live == null || live.isDry())) {
            pace.stop();
            deadlines.clear(What.PACE);
            return false;
        }
        long most = sizes.fragments()
                ? Math.min(
                        config.limits().messageBytes(),
                        Math.max(sizes.carTarget(), config.limits().blocks().blockBytes()))
                : sizes.whole();
        if (memory.out().take(most, most) == 0) {
            pace.stop();
            deadlines.clear(What.PACE);
            return false;
        }
        long size = 0;
        try {
            Outgoing next = nextOutgoing();
            if (next == null) {
                pace.stop();
                deadlines.clear(What.PACE);
                return false;
            }
            size = next instanceof CarBytes ? next.size() : 0;
            sender.start(next);
            return true;
        } finally {
            outgoing = size;
            memory.out().force(Math.max(0, size - most));
            memory.out().release(Math.max(0, most - size));
        }
    }

    private @Nullable Outgoing nextOutgoing() {
        CarBytes first = dialect.first();
        if (first != null) {
            return first;
        }
        if (ownDiffDue) {
            DiffText diff = ownDiff();
            if (diff != null) {
                ownDiffDue = false;
                status(SessionStatus.SENDING_CID_DIFF);
                return diff;
            }
        }
        if (answer == null && asked != null && !mergesFirst && !dialect.isTheirsFirst(asked)) {
            startAnswer(asked);
        }
        if (answer != null) {
            Outgoing part = answer.next();
            if (part != null) {
                if (part instanceof CarBytes) {
                    status(SessionStatus.SENDING_DIFF_CAR);
                }
                return part;
            }
            answer.close();
            answer = null;
            backlog.answered(counters.carsSent, acks);
        }
        if (live == null) {
            return null;
        }
        Outgoing update = update(live);
        return update != null ? update : dialect.heal();
    }

    private @Nullable Outgoing update(LiveFeed feed) {
        CarBytes car;
        try {
            car = feed.next();
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.CURSOR_EXPIRED) {
                throw e;
            }
            recover(feed.frontier());
            return nextOutgoing();
        }
        heads = feed.heads();
        if (car != null) {
            status(SessionStatus.SENDING_UPDATE_CAR);
        }
        return car;
    }

    private void sent(Outgoing message) {
        if (message instanceof DiffText) {
            backlog.asked();
            dialect.asked();
        } else if (message instanceof OkText) {
            status(SessionStatus.FULL_SYNCED);
        } else if (message instanceof CarBytes car) {
            counters.carsSent++;
            counters.blocksSent += car.blockCount();
            counters.eventsSent += car.eventCount();
            if (acks) {
                deadlines.start(What.ACK, now + phase);
                ackDue |= !told;
            } else {
                peerClock.moved(dialect.tips(car));
            }
            dialect.sent(car);
            effects.progress();
        }
    }

    /** Our diff; null while it waits for the peer's. */
    private @Nullable DiffText ownDiff() {
        if (ownDiffWaits && known == null && !ownDiffCut) {
            return null;
        }
        Snapshot snapshot = replica.snapshot();
        boolean made = false;
        try {
            heads = snapshot.heads();
            List<Cid> named = heads.size() <= DiffText.MOST_HEADS ? heads : heads.subList(0, DiffText.MOST_HEADS);
            DiffNames names = dialect.names(snapshot, named, known, ownDiffCut);
            if (names == null) {
                ownDiffWaits = true;
                deadlines.start(What.OWN_DIFF, now + phase / 4);
                return null;
            }
            DiffText diff =
                    new DiffText(named, dialect.digest(heads, named), names.cids(), names.count(), snapshot::close);
            made = true;
            told = named.size() == heads.size();
            known = null;
            return diff;
        } finally {
            if (!made) {
                snapshot.close();
            }
        }
    }

    private void startAnswer(TextMessage.Diff diff) {
        answer(snapshot -> dialect.answer(snapshot, diff));
        asked = null;
        if (window != null) {
            window.release(askedBytes);
        }
    }

    private void answer(Function<Snapshot, DiffAnswer> maker) {
        if (live != null) {
            live.close();
        }
        if (answer != null) {
            answer.close();
            answer = null;
        }
        Snapshot snapshot = replica.snapshot();
        boolean made = false;
        try {
            Cursor cursor = snapshot.cursor();
            heads = snapshot.heads();
            DiffAnswer next = maker.apply(snapshot);
            live = new LiveFeed(replica, config.origin(), dialect, cursor, heads, echoes::contains, deliveries);
            counters.eventsToSend = next.events();
            answer = next;
            made = true;
        } finally {
            if (!made) {
                snapshot.close();
            }
        }
    }

    /**
     * The feed no longer reaches back to where we were, as after a restore: everything since the last clock that the peer is
     * known to have or to be getting goes again, and the peer is asked again what it has.
     */
    private void recover(List<Cid> frontier) {
        ownDiffDue = true;
        ownDiffCut = true;
        answer(snapshot -> dialect.answerSince(snapshot, frontier));
    }

    // ---- receiving

    private final class Incoming implements Receiver.Handler {
        @Override
        public void text(TextMessage text, long bytes) {
            if (text instanceof TextMessage.Diff diff) {
                diff(diff, bytes);
            } else if (text instanceof TextMessage.Ok) {
                status(SessionStatus.OK);
                dialect.ok();
                backlog.peerAnswered(counters.carsReceived);
            } else if (dialect.hears(text)) {
                control(text);
            }
        }

        @Override
        public void car(ReceivedCar car) {
            counters.carsReceived++;
            counters.eventsReceived += car.events().size();
            counters.blocksReceived += car.events().size() + car.blocks().size();
            peerClock.moved(dialect.parentsFirst(car.events()));
            dialect.received(car);
            for (Event event : car.events()) {
                echoes.add(event.cid());
            }
            pending.add(car);
            if (window != null) {
                window.hold(car.bytes());
            } else {
                memory.in().force(car.bytes());
            }
            deadlines.renew(What.ANSWER, now + phase);
            if (dialect.endsAnswer(car)) {
                backlog.peerAnswered(counters.carsReceived);
            }
        }

        private void diff(TextMessage.Diff diff, long bytes) {
            backlog.announced(diff.clock());
            if (diff.whole() == null) {
                peerClock.stated(diff.clock());
            } else {
                peerClock.stated(diff.whole());
            }
            dialect.stated(diff);
            if (window != null) {
                if (asked != null) {
                    window.release(askedBytes);
                }
                window.hold(bytes);
            }
            asked = diff;
            askedBytes = bytes;
            known = ownDiffDue ? diff.cids() : null;
        }

        private void control(TextMessage text) {
            if (text instanceof TextMessage.Credit credit) {
                if (window != null) {
                    if (sender.grant(credit.bytes())) {
                        deadlines.clear(What.CREDIT);
                    } else {
                        pace.patience(now);
                        deadlines.renew(What.CREDIT, pace.until());
                        deadlines.renew(What.PACE, pace.until());
                    }
                }
            } else if (text instanceof TextMessage.Ack ack) {
                if (acks) {
                    acknowledged(ack);
                }
            } else if (text instanceof TextMessage.Ping ping) {
                pongDue = heartbeat > 0 ? ping.number() : null;
            } else if (text instanceof TextMessage.Failure failure) {
                fail(failures.told(failure), null, false);
            } else if (text instanceof TextMessage.Bye) {
                peerLeaves();
            }
        }
    }

    private void acknowledged(TextMessage.Ack ack) {
        if (ack.cars() > counters.carsSent || ack.cars() < counters.carsAcknowledged) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    "an ack for " + ack.cars() + " CARs, where " + counters.carsSent + " were sent and "
                            + counters.carsAcknowledged + " acknowledged before");
        }
        counters.carsAcknowledged = ack.cars();
        if (ack.heads() != null) {
            peerClock.stated(ack.heads());
        } else if (ack.whole() != null) {
            peerClock.stated(ack.whole());
        }
        if (ack.cars() == counters.carsSent) {
            deadlines.clear(What.ACK);
        } else {
            deadlines.renew(What.ACK, now + phase);
        }
        backlog.acknowledged(ack.cars());
        effects.progress();
    }

    /** The peer is alive. */
    private void heard() {
        if (heartbeat > 0) {
            pings = 0;
            pingDue = false;
            deadlines.set(What.SILENCE, now + heartbeat);
        }
    }

    // ---- time

    private void passed(What what) {
        switch (what) {
            case DIFF -> timeout("has not said what it has" + likelyCause());
            case ANSWER -> timeout("has not answered what we have" + likelyCause());
            case MESSAGE -> timeout("began a message and did not finish it");
            case ACK -> timeout("does not acknowledge what it was sent");
            case CREDIT -> timeout("grants no credit");
            case PACE -> timeout("takes what it is sent too slowly");
            case MEMORY -> creditDue = true;
            case ROOM -> timeout("takes no more data");
            case SILENCE -> silence();
            case ANCESTORS -> {
                backlog.end();
                effects.backlog(failures.of(
                        ErrorKind.TIMEOUT,
                        "has not sent all ancestors of its own heads: what waits for them stays pending here, or made room if that was"
                                + " over the limit for one peer (pendingBytesPerPeer)"));
            }
            case AGAIN -> {
                dialect.passed(what);
                ownDiffDue = true;
                ownDiffCut = true;
            }
            case HEAL, THEIRS_FIRST -> dialect.passed(what);
            case OWN_DIFF -> {
                if (receiver.inTextPieces()) {
                    deadlines.set(What.OWN_DIFF, now + phase / 4);
                } else {
                    ownDiffCut = true;
                }
            }
            case PARTING ->
                parted(
                        ErrorKind.TIMEOUT,
                        "it has not acknowledged it within " + config.times().parting());
            case LAST_WORD -> {
                lastWord = null;
                wordsDone = true;
            }
        }
    }

    private void silence() {
        if (requested <= 0) {
            // We did not listen.
            deadlines.set(What.SILENCE, now + heartbeat);
        } else if (pings == UNANSWERED_PINGS) {
            timeout("is silent and answers no ping");
        } else {
            pings++;
            pingDue = true;
            deadlines.set(What.SILENCE, now + heartbeat);
        }
    }

    private void timeout(String what) {
        SyncException e = failures.of(ErrorKind.TIMEOUT, what + " within the time that is set for it");
        fail(e, PeerFailures.lastWord(e, false), false);
    }

    /** What the dialect sees of this session. */
    private final class Host implements DialectHost {
        @Override
        public ProtocolConfig config() {
            return config;
        }

        @Override
        public Replica replica() {
            return replica;
        }

        @Override
        public long now() {
            return now;
        }

        @Override
        public Deadlines deadlines() {
            return deadlines;
        }

        @Override
        public boolean isStoring() {
            return !pending.isEmpty();
        }

        @Override
        public boolean hasTheirDiff() {
            return backlog.clock() != null;
        }

        @Override
        public void keep(Event event) {
            pending.addOwn(event);
        }

        @Override
        public void mismatch(Cid event, List<String> ids) {
            effects.mismatch(event, ids);
        }
    }
}
