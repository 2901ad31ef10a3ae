package dev.livesync.core.session;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.seal.CipherWarmUp;
import dev.livesync.core.seal.Sealer;
import dev.livesync.core.seal.Seals;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A channel whose every event is a task of one mailbox, handed to the phase that has the channel at that time. All methods
 * but {@link #execute}, {@link #start} and the channel's callbacks belong into that mailbox.
 *
 * <p>Another channel can take its place: mailbox, phase and seals stay, and whatever the one before still reports is of no concern.
 */
public final class SerialChannel {
    /** Who has the channel. Called in the mailbox. */
    public interface Phase {
        /**
         * A message that was requested.
         *
         * @param message from the peer
         */
        void message(Message message);

        /**
         * A message that came was not the next one that the peer had sealed: somebody interferes. Nothing of it is given out, and no message
         * follows.
         *
         * @param failure {@link dev.livesync.api.ErrorKind#AUTHENTICATION}
         */
        void tampered(SyncException failure);

        /** A send has completed: there is room for another. */
        void room();

        /**
         * A send has failed; the channel may still be open.
         *
         * @param failure why
         */
        void sendFailed(SyncException failure);

        /**
         * The channel has ended. Last.
         *
         * @param reason why
         */
        void channelClosed(CloseReason reason);

        /**
         * A task of this channel threw.
         *
         * @param failure what it threw
         */
        void crashed(SyncException failure);

        /**
         * The executor takes no more tasks. On any thread, and nothing follows.
         *
         * @param failure why
         */
        void refused(SyncException failure);
    }

    private volatile Channel channel;
    private final SyncContext context;
    private final Mailbox mailbox;
    private volatile Phase phase;
    private @Nullable Seals seals;
    private boolean tampered;
    /** Of long messages, while it matters. */
    private long longBytes;

    private @Nullable CompletableFuture<Void> leaving;
    private boolean sending;
    private boolean broken;
    private @Nullable CloseReason closed;
    private @Nullable Channel next;
    private @Nullable CloseReason nextClosed;

    SerialChannel(Channel channel, SyncContext context, Phase first) {
        this.channel = channel;
        this.context = context;
        this.phase = first;
        this.mailbox = new Mailbox(
                context.tails(),
                thrown -> phase.crashed(
                        SyncFailures.of("the session with " + channel().remote(), thrown)),
                refusal -> {
                    erase(); // nothing else runs any more
                    phase.refused(new SyncException(
                            ErrorKind.CLOSED,
                            "the executor of the session with " + channel().remote() + " takes no more work",
                            refusal));
                });
    }

    Channel channel() {
        return channel;
    }

    /**
     * Runs a task in the mailbox. Any thread.
     *
     * @param task what to run
     */
    public void execute(Runnable task) {
        mailbox.execute(task);
    }

    /**
     * As {@link #execute}, before what waits: so that the next thing to do elsewhere need not wait for all that has arrived. The caller is about
     * to return.
     */
    void executeNext(Runnable task) {
        mailbox.executeNext(task);
    }

    /**
     * Runs a task in the mailbox when a time has passed, behind every message that has arrived by then. Those may wait for the executor still, in
     * the channel, so the task goes by way of the executor, too. Any thread.
     *
     * @return cancels the task; for certain, if it is called in the mailbox
     */
    Runnable executeLater(Duration time, Runnable task) {
        AtomicBoolean cancelled = new AtomicBoolean();
        Runnable unlessCancelled = () -> {
            if (!cancelled.get()) {
                task.run();
            }
        };
        Runnable cancel = context.schedule(time, () -> context.later(() -> execute(unlessCancelled)));
        return () -> {
            cancelled.set(true);
            cancel.run();
        };
    }

    /** Opens the gate. Once. */
    void start() {
        channel.start(new ChannelReports(channel));
    }

    /** Opens the gate of a channel that may take this one's place. Nothing of it is requested before. */
    void prepare(Channel other) {
        next = other;
        other.start(new ChannelReports(other));
    }

    /** Whether the prepared channel is there, and open. */
    boolean isNextOpen() {
        return next != null && nextClosed == null;
    }

    /** Forgets the prepared channel, which somebody else ends. */
    void forgetNext() {
        next = null;
        nextClosed = null;
    }

    /**
     * Puts the prepared channel in this one's place, with the same seals: the next message of either direction goes over it. The one before is
     * closed in order, which lets go out what it has.
     */
    void moveToNext() {
        Channel before = channel;
        channel = Objects.requireNonNull(next, "next");
        next = null;
        sending = false;
        broken = false;
        if (nextClosed != null) {
            closed = unlessCut(nextClosed);
            erase();
        }
        var unused = before.close();
    }

    void become(Phase next) {
        phase = next;
    }

    /**
     * Why the channel ended; in the mailbox.
     *
     * @return null while it is open
     */
    public @Nullable CloseReason closeReason() {
        return closed;
    }

    boolean hasRoom() {
        return !sending && isUsable();
    }

    /** Whether there is room, or will be. */
    boolean isUsable() {
        return !broken && closed == null;
    }

    /** Seals every message from now on, and takes none that is not sealed. */
    void seal(Seals with) {
        seals = with;
    }

    /** Whether messages are sealed. */
    boolean isSealed() {
        return seals != null;
    }

    /** The longest message that {@link #send} takes, in bytes. */
    int maxMessageBytes() {
        int most = channel.maxMessageBytes();
        return seals == null ? most : Sealer.maxMessageBytes(most);
    }

    /**
     * Ends the channel in order, after what is being sent. Of sealed messages the peer is told that nothing follows. Nothing may be sent any
     * more.
     *
     * @return completes when the channel is closed
     */
    CompletionStage<Void> close() {
        if (seals == null || !isUsable()) {
            return channel.close();
        }
        if (sending) {
            CompletableFuture<Void> later = new CompletableFuture<>();
            leaving = later;
            return later;
        }
        put(seals.sealer().end());
        return channel.close();
    }

    /** Sends; only while {@link #hasRoom}. The phase is told when there is room again, or that is so on return. */
    void send(Message message) {
        if (seals == null) {
            put(message);
            return;
        }
        warmUpFor(message);
        put(seals.sealer().seal(message));
    }

    private void put(Message message) {
        sending = true;
        Channel over = channel;
        CompletionStage<Void> sent;
        try {
            sent = Objects.requireNonNull(over.send(message), "send");
        } catch (RuntimeException e) {
            sendEnded(e);
            return;
        }
        // Most sends complete at once; the detour through the mailbox is for those that don't.
        Thread self = Thread.currentThread();
        boolean[] returned = {false};
        var unused = sent.whenComplete((nothing, failure) -> {
            if (Thread.currentThread() != self || returned[0]) {
                execute(() -> {
                    if (over != channel) {
                        return;
                    }
                    sendEnded(failure);
                    if (failure == null) {
                        phase.room();
                    }
                });
            } else {
                sendEnded(failure);
            }
        });
        returned[0] = true;
    }

    private void sendEnded(@Nullable Throwable failure) {
        sending = false;
        if (failure != null) {
            SyncException why = SyncFailures.of("sending to " + channel.remote(), failure);
            broken = why.kind() != ErrorKind.LIMIT_EXCEEDED;
            execute(() -> phase.sendFailed(why));
        }
        CompletableFuture<Void> later = leaving;
        if (later != null) {
            leaving = null;
            var unused = close().whenComplete((nothing, never) -> later.complete(null));
        }
    }

    /** Brings what one channel reports into the mailbox. */
    private final class ChannelReports implements ChannelListener {
        private final Channel from;

        ChannelReports(Channel from) {
            this.from = from;
        }

        @Override
        public void onMessage(Message message) {
            mailbox.executeAfter(() -> {
                if (from == channel) {
                    arrived(message);
                }
            });
        }

        @Override
        public void onClosed(CloseReason reason) {
            mailbox.executeAfter(() -> ended(from, reason));
        }
    }

    private void arrived(Message message) {
        if (seals == null) {
            phase.message(message);
            return;
        }
        if (tampered) {
            return;
        }
        warmUpFor(message);
        Message opened;
        try {
            opened = seals.opener().open(message);
        } catch (SyncException e) {
            tampered = true;
            phase.tampered(e);
            return;
        }
        if (opened != null) {
            phase.message(opened);
        }
    }

    private void ended(Channel from, CloseReason reason) {
        if (from == channel) {
            CloseReason why = unlessCut(reason);
            closed = why;
            erase();
            phase.channelClosed(why);
        } else if (from == next) {
            nextClosed = reason;
        }
    }

    /** A regular close by the peer is one only after its sealed end: anybody on the way can close a connection. */
    private CloseReason unlessCut(CloseReason reason) {
        if (seals != null && reason.initiator() == CloseReason.Initiator.REMOTE && reason.failure() == null) {
            try {
                seals.opener().requireEnd();
            } catch (SyncException e) {
                return new CloseReason(CloseReason.Initiator.REMOTE, e);
            }
        }
        return reason;
    }

    private void warmUpFor(Message message) {
        if (message.size() >= CipherWarmUp.LONG_BYTES && longBytes < CipherWarmUp.MANY_BYTES) {
            longBytes += message.size();
            if (longBytes >= CipherWarmUp.MANY_BYTES) {
                context.warmUp();
            }
        }
    }

    private void erase() {
        if (seals != null) {
            seals.destroy();
        }
    }
}
