package dev.livesync.core.protocol;

import dev.livesync.SessionStatistics;
import dev.livesync.SessionStatus;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Feature;
import dev.livesync.core.presence.PresenceLink;
import dev.livesync.core.protocol.Deadlines.What;
import dev.livesync.core.protocol.ProtocolState.Stage;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
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
 * <p><strong>How it works.</strong> Three directions that do not wait for each other: {@link Inbound} takes in, {@link
 * Outbound} gives out, {@link Timers} watches. {@link Parting} and {@link Ending} are how it comes to an end. What depends on
 * who is at the other end is the {@link Dialect}'s.
 */
public final class SessionProtocol {
    /** The statistics of a session that has not begun. */
    public static final SessionStatistics NO_STATISTICS = new Counters().snapshot();

    private final ProtocolState session;
    private final Deadlines deadlines;
    private final Outbound outbound;
    private final Inbound inbound;
    private final Parting parting;
    private final Ending ending;
    private final Timers timers;
    private final ControlMessages control;
    private @Nullable List<Cid> equalAt;

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
        this(config, replica, effects, memory, null);
    }

    /**
     * Makes a protocol that has not begun and takes part in presence.
     *
     * @param config about the session
     * @param replica read for what is sent; commits go through {@code effects}
     * @param effects told what to do
     * @param memory the session's; closed by whoever runs the protocol when that has ended
     * @param link the session's part in presence, ended by whoever runs the protocol; null where one end doesn't speak of it
     */
    public SessionProtocol(
            ProtocolConfig config, Replica replica, Effects effects, Memory memory, @Nullable PresenceLink link) {
        session = new ProtocolState(config, replica, effects, memory);
        deadlines = session.deadlines;
        control = new ControlMessages(session);
        PresenceExchange presence = new PresenceExchange(session, link);
        outbound = new Outbound(session, control, presence);
        ending = new Ending(session, outbound, control);
        parting = new Parting(session, outbound, control, ending);
        long heartbeat = config.features().contains(Feature.HEARTBEAT)
                ? config.times().heartbeat().toNanos()
                : 0;
        inbound = new Inbound(session, outbound, control, parting, ending, presence, heartbeat > 0);
        timers = new Timers(session, inbound, outbound, control, parting, ending, heartbeat);
    }

    /**
     * Starts the protocol on a channel that is open and proved. Called once, first.
     *
     * @param now nanoseconds
     */
    public void open(long now) {
        session.now = now;
        if (session.stage != Stage.NEW) {
            throw new IllegalStateException("this session was opened before");
        }
        session.stage = Stage.OPEN;
        session.channelOpen = true;
        outbound.open();
        timers.heard();
        SyncException limited = session.permissions.notUnderstood();
        if (limited != null) {
            ending.fail(limited, PeerFailures.lastWord(limited, true), false);
        }
        try {
            outbound.mergeFirst();
        } catch (SyncException e) {
            ending.fail(e, null, false);
        }
        after();
    }

    /**
     * Takes a message from the channel. Never more than were requested by {@link Effects#request}.
     *
     * @param message the message
     * @param now nanoseconds
     */
    public void received(Message message, long now) {
        session.now = now;
        inbound.arrived();
        if (!session.isOpen()) {
            return;
        }
        try {
            inbound.received(message);
            timers.heard();
        } catch (SyncException e) {
            ending.fail(session.failures.ofPeer(e), PeerFailures.lastWord(e, true), false);
        } catch (RuntimeException e) {
            ending.failInternally(e);
        }
        after();
    }

    /**
     * Takes the result of the outstanding commit, which is durable.
     *
     * @param result what it did
     * @param now nanoseconds
     */
    public void commitDone(CommitResult result, long now) {
        session.now = now;
        inbound.committed(result);
        after();
    }

    /**
     * Takes the failure of the outstanding commit, which changed nothing. Ends the session.
     *
     * @param failure why
     * @param now nanoseconds
     */
    public void commitFailed(SyncException failure, long now) {
        session.now = now;
        inbound.notCommitted();
        boolean shared = failure.kind() == ErrorKind.LIMIT_EXCEEDED && session.permissions.peerReads();
        ending.fail(failure, PeerFailures.lastWord(failure, shared), false);
        after();
    }

    /**
     * Takes the refusal of the outstanding commit, which changed nothing. The session goes on, if the peer knows refusals.
     *
     * @param event what was refused in it
     * @param why for the peer
     * @param now nanoseconds
     */
    public void commitRefused(Cid event, String why, long now) {
        session.now = now;
        inbound.refused(event, why);
        after();
    }

    /**
     * Called when the replica may have changed: its wake-up, passed on.
     *
     * @param now nanoseconds
     */
    public void changed(long now) {
        session.now = now;
        session.headsMoved = true;
        session.dialect.changed();
        outbound.changed();
        after();
    }

    /**
     * Says whether blocks beside the events are fetched with the documents that name them, or when somebody reads them.
     *
     * @param withDocuments false at the beginning
     * @param now nanoseconds
     */
    public void fetchWithDocuments(boolean withDocuments, long now) {
        session.now = now;
        if (session.isOpen()) {
            session.blocks.fetchWithDocuments(withDocuments);
        }
        after();
    }

    /**
     * Called when there may be memory again.
     *
     * @param now nanoseconds
     */
    public void memoryFreed(long now) {
        session.now = now;
        if (session.isOpen() && session.window != null) {
            session.window.retry();
        }
        after();
    }

    /**
     * Called when there may be something of presence to send.
     *
     * @param now nanoseconds
     */
    public void shown(long now) {
        session.now = now;
        after();
    }

    /**
     * The next message for the channel. Everything is made when it is asked for, so a slow channel costs no memory.
     *
     * @param now nanoseconds
     * @return the message, which counts as sent; null if there is nothing to send now
     */
    public @Nullable Message poll(long now) {
        session.now = now;
        deadlines.clear(What.ROOM);
        Message message = next();
        if (message == null && session.isOpen() && parting.isAwaited()) {
            // There was nothing left to send, and that may be what the goodbye waits for, or somebody who waits for an
            // ack.
            parting.partIfDelivered();
            message = next();
        }
        if (message != null) {
            session.counters.messagesSent++;
            session.counters.bytesSent += message.size();
            deadlines.set(What.ROOM, now + session.phase);
        }
        after();
        return message;
    }

    /**
     * When {@link #tick} is due.
     *
     * @return nanoseconds, comparable to the {@code now} of the other methods by subtraction; {@link Deadlines#NEVER} if no deadline
     *     is set
     */
    public long nextDeadline() {
        return deadlines.next(session.now);
    }

    /**
     * Handles the deadlines that have passed. Does nothing if none has.
     *
     * @param now nanoseconds
     */
    public void tick(long now) {
        session.now = now;
        timers.tick();
        after();
    }

    /**
     * Ends the session in order. What the replica holds now is delivered, and what the peer wrote before it learnt of the close is stored,
     * each within its time limit. If the peer did not get everything, that is the outcome.
     *
     * @param now nanoseconds
     */
    public void close(long now) {
        session.now = now;
        if (session.stage == Stage.NEW) {
            ending.inOrder();
        } else if (session.isOpen()) {
            parting.leave();
        }
        after();
    }

    /**
     * Asks the peer to end the session and to come back, each at a moment of its own; a peer that doesn't know of this hears nothing. The session goes on.
     *
     * @param millis how long this end stays
     * @param now nanoseconds
     */
    public void goAway(long millis, long now) {
        session.now = now;
        if (session.isOpen()) {
            control.goAway(millis);
        }
        after();
    }

    /**
     * Reports when the peer holds a clock.
     *
     * @param clock events that are complete here
     * @param told called once: with null when the peer has acknowledged it as durable, or, where it speaks no acks, when it was
     *     handed to the channel; with {@link ErrorKind#NOT_FOUND} for what is not here. Not called at all if the session ends
     *     before
     * @param now nanoseconds
     */
    public void deliver(Collection<Cid> clock, Consumer<@Nullable SyncException> told, long now) {
        session.now = now;
        if (session.isOpen()) {
            try {
                parting.deliver(clock, told);
            } catch (SyncException e) {
                ending.fail(e);
            } catch (RuntimeException e) {
                ending.failInternally(e);
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
        session.now = now;
        ending.fail(failure);
        after();
    }

    /**
     * Ends the session with a failure from outside that the peer is told in full.
     *
     * @param failure the outcome
     * @param now nanoseconds
     */
    public void dismiss(SyncException failure, long now) {
        session.now = now;
        ending.fail(failure, PeerFailures.lastWord(failure, true), false);
        after();
    }

    /**
     * Called when the channel has ended.
     *
     * @param reason why
     * @param now nanoseconds
     */
    public void channelClosed(CloseReason reason, long now) {
        session.now = now;
        session.channelOpen = false;
        if (session.stage == Stage.NEW || session.isOpen()) {
            SyncException failure = reason.failure();
            if (reason.initiator() == CloseReason.Initiator.REMOTE) {
                ending.peerLeft();
                failure = failure != null ? failure : session.dialect.withoutGoodbye(noGoodbye());
            }
            if (failure == null || parting.hasGoodbye()) {
                // Whatever it looks like: somebody has said goodbye, or nobody says it in this dialect.
                parting.end(ErrorKind.DISCONNECTED, "it left before");
            } else {
                // What arrived whole is right and may be kept: the next session goes on from there.
                ending.fail(failure, null, true);
            }
        }
        ending.channelClosed();
        after();
    }

    private SyncException noGoodbye() {
        return session.failures.of(ErrorKind.DISCONNECTED, "closed the channel without a goodbye");
    }

    /**
     * Releases everything, whatever state a call that threw has left. No other method may be called afterwards. Does nothing after the
     * regular end.
     */
    public void abandon() {
        session.stage = Stage.ENDED;
        try {
            outbound.stop();
        } finally {
            session.pending.clear();
            inbound.drop();
        }
    }

    /**
     * The counts so far.
     *
     * @return a copy
     */
    public SessionStatistics statistics() {
        return session.counters.snapshot();
    }

    /**
     * How far the peer is behind.
     *
     * @return the same each time; any thread may read it
     */
    public SendLag lag() {
        return session.lag;
    }

    private @Nullable Message next() {
        if (session.isOpen()) {
            try {
                return outbound.poll();
            } catch (SyncException e) {
                // About the size of what the peer was to get, or about our own store.
                ending.fail(e, PeerFailures.lastWord(e, e.kind() == ErrorKind.LIMIT_EXCEEDED), false);
            } catch (RuntimeException e) {
                ending.failInternally(e);
            }
        }
        if (session.stage == Stage.CLOSING && session.channelOpen) {
            Message control = outbound.control();
            if (control != null) {
                return control;
            }
            if (!session.pending.isEmpty()) {
                return null;
            }
        }
        return ending.lastWord();
    }

    /** Runs at the end of every call. */
    private void after() {
        if (session.isOpen()) {
            try {
                look();
            } catch (SyncException e) {
                ending.fail(e);
            } catch (RuntimeException e) {
                ending.failInternally(e);
            }
        }
        inbound.commit();
        if (session.isOpen()) {
            inbound.refill();
            timers.watch();
            session.dialect.watch();
        } else {
            inbound.drop();
        }
        ending.endIfOver();
    }

    private void held(List<Cid> clock) {
        if (session.acks && session.permissions.peerReads()) {
            session.dialect.comparison().held(clock);
            session.effects.peerHolds(clock);
        }
    }

    /** Checks what has come true: backlog, deliveries, equal clocks. */
    private void look() {
        timers.checkBacklog();
        session.dialect.look();
        if (session.headsMoved) {
            session.heads = session.currentHeads();
        }
        List<Cid> same = session.permissions.reads() && session.peerClock.equal(session.heads, session.replica)
                ? session.heads
                : null;
        if (!Objects.equals(same, equalAt)) {
            equalAt = same;
            if (same != null) {
                held(same);
            }
            session.effects.equalChanged(same);
        }
        if (same != null) {
            session.statedHeads.drop();
        } else {
            List<Cid> stated = session.statedHeads.takeIfHere(session.replica);
            if (stated != null) {
                held(stated);
            }
        }
        if (same != null && session.pending.isEmpty() && outbound.isIdle()) {
            session.setStatus(SessionStatus.FULL_SYNCED);
        }
        parting.partIfDelivered();
    }
}
