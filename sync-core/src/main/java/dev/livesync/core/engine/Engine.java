package dev.livesync.core.engine;

import dev.livesync.api.SyncException;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of one session, from the moment the channel is proved and open until it ends; {@code docs/protocol.md},
 * sections 3 and 4. No threads, no clock, no I/O but reads of the replica's snapshots and feed: what happens comes in by
 * the methods, what is to be done goes out by {@link Effects} and {@link #poll}.
 *
 * <p><strong>Whoever runs it</strong> makes one call at a time (from any thread, with the usual visibility), passes a
 * monotonic time in nanoseconds, and after <em>every</em> call polls: while the channel is ready for a send, {@link #poll}
 * until it returns null. Then it sets a timer for {@link #nextDeadline} and calls {@link #tick} when that has passed. The
 * methods read from the replica and may wait for a disk, so they belong on an executor and never into a channel's callback.
 * None throws what a peer or a replica can cause: that ends in {@link Effects#failed}.
 */
public final class Engine {
    /** No deadline is set. */
    public static final long NEVER = Long.MAX_VALUE;

    /**
     * An engine that has not begun.
     *
     * @param config about the session
     * @param replica read for what is sent; commits go through {@code effects}
     * @param effects told what to do
     */
    public Engine(EngineConfig config, Replica replica, Effects effects) {
        throw new UnsupportedOperationException(config + " " + replica + " " + effects);
    }

    /**
     * The channel is open and proved. Called once, first.
     *
     * @param now nanoseconds
     */
    public void open(long now) {}

    /**
     * A message came from the channel. Never more than were asked for by {@link Effects#request}.
     *
     * @param message the message
     * @param now nanoseconds
     */
    public void received(Message message, long now) {}

    /**
     * The outstanding commit is durable.
     *
     * @param result what it did
     * @param now nanoseconds
     */
    public void commitDone(CommitResult result, long now) {}

    /**
     * The outstanding commit failed and changed nothing. Ends the session.
     *
     * @param failure why
     * @param now nanoseconds
     */
    public void commitFailed(SyncException failure, long now) {}

    /**
     * The replica has, or may have, changed: its wake-up, passed on.
     *
     * @param now nanoseconds
     */
    public void changed(long now) {}

    /**
     * The next message for the channel. Everything is made when it is asked for, so a slow channel costs no memory.
     *
     * @param now nanoseconds
     * @return the message, which counts as sent; null if there is nothing to send now
     */
    public @Nullable Message poll(long now) {
        return null;
    }

    /**
     * When {@link #tick} is due.
     *
     * @return nanoseconds, comparable to the {@code now} of the other methods by subtraction; {@link #NEVER} if no deadline
     *     is set
     */
    public long nextDeadline() {
        return NEVER;
    }

    /**
     * Time has passed. Harmless when nothing is due.
     *
     * @param now nanoseconds
     */
    public void tick(long now) {}

    /**
     * Ends the session in order: what was received whole is still committed, unsent data is dropped, the peer is told.
     *
     * @param now nanoseconds
     */
    public void close(long now) {}

    /**
     * Ends the session with a failure from outside, such as a failed send or a cancellation; the peer is told, if the
     * channel still carries it.
     *
     * @param failure the outcome
     * @param now nanoseconds
     */
    public void fail(SyncException failure, long now) {}

    /**
     * The channel has ended.
     *
     * @param reason why
     * @param now nanoseconds
     */
    public void closed(CloseReason reason, long now) {}

    /**
     * The counts so far.
     *
     * @return a copy
     */
    public Progress progress() {
        return new Progress(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1);
    }
}
