package dev.livesync.transport.support;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.api.internal.SerialRunner;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.CloseReason.Initiator;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.TransportContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What users hold: the rules of {@link Channel} over a {@link MessageLink}, with a queue either way. State is guarded by the
 * channel's own monitor, which is never held while a listener or a user runs; only the link is told things under it. The link
 * calls the methods that {@link Channel} doesn't have, on its own thread, and callbacks go out in turns on the context's executor,
 * never on the link's thread.
 */
public final class BufferedChannel implements Channel {
    /**
     * Whom a channel leads to.
     *
     * @param name for people, as in {@link Channel#remote}
     * @param peer who it is, where the transport knows
     * @param binding as in {@link Channel#binding}; not to be changed
     */
    public record Remote(String name, Optional<PeerIdentity> peer, Optional<byte[]> binding) {}

    /**
     * Sizes in bytes.
     *
     * @param maxMessage the largest message
     * @param send so much may be in the link's queue when a send completes
     * @param sendAgain a send that has to wait waits until no more than this is
     * @param receive at so much that arrived and nobody requested, reading pauses, until half of it is left
     */
    public record Sizes(int maxMessage, int send, int sendAgain, int receive) {}

    private static final System.Logger LOG = System.getLogger(BufferedChannel.class.getName());

    /** So many, then others on the executor get their turn. */
    private static final int CALLBACKS = 64;

    /** What a waiting message costs beyond its bytes, roughly; so that empty ones are bounded too. */
    private static final int OVERHEAD = 64;

    private final TransportContext context;
    private final Remote whom;
    private final Sizes sizes;
    private final Consumer<BufferedChannel> onGone;
    private final SerialRunner callbacks;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private @Nullable MessageLink link;

    private @Nullable ChannelListener listener;
    private long demand;
    private final Deque<Message> inbox = new ArrayDeque<>();
    private long inboxBytes;
    private volatile boolean readingPaused;

    private final OutstandingSend sending = new OutstandingSend();

    private @Nullable SyncException outputFailure;
    private boolean closing;
    private TransportContext.@Nullable Cancellable closeTimer;
    /** Why it ended; what had arrived before a regular end by the peer may still be delivered. */
    private @Nullable CloseReason ended;

    private boolean reported;

    /**
     * Open; {@link #attach} comes next.
     *
     * @param context the core's
     * @param whom whom it leads to
     * @param sizes limits of its queues
     * @param onGone told once it has reported its close, or ended before anybody listened; perhaps more than once
     */
    public BufferedChannel(TransportContext context, Remote whom, Sizes sizes, Consumer<BufferedChannel> onGone) {
        this.context = context;
        this.whom = whom;
        this.sizes = sizes;
        this.onGone = onGone;
        this.callbacks = new SerialRunner(
                task -> Handover.to(context.executor(), task), CALLBACKS, this::nextCallback, this::crashed);
    }

    /**
     * Before anybody else sees the channel, once.
     *
     * @param newLink what is beneath it
     */
    public void attach(MessageLink newLink) {
        link = newLink;
    }

    @Override
    public void start(ChannelListener newListener) {
        Objects.requireNonNull(newListener, "listener");
        synchronized (this) {
            if (listener != null) {
                throw new IllegalStateException("this channel was started before");
            }
            listener = newListener;
        }
        callbacks.wake();
    }

    @Override
    public void request(long messages) {
        if (messages < 1) {
            throw new IllegalArgumentException("request at least 1 message, not " + messages);
        }
        synchronized (this) {
            demand = demand + messages < 0 ? Long.MAX_VALUE : demand + messages;
        }
        wake();
    }

    @Override
    public CompletionStage<Void> send(Message message) {
        Objects.requireNonNull(message, "message");
        CompletableFuture<Void> outstanding;
        synchronized (this) {
            SyncException failure = sendFailure();
            if (failure != null) {
                return FailedFutures.of(failure);
            }
            sending.requireNone();
            if (message.size() > sizes.maxMessage()) {
                return FailedFutures.of(new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        message + " is over the limit of " + sizes.maxMessage() + " bytes for " + whom.name()));
            }
            outstanding = sending.begin();
        }
        link().send(message); // outside the lock: it copies
        synchronized (this) {
            sending.queued();
            if (link().buffered() <= sizes.send()) {
                sending.decide(null);
            }
            if (closing && ended == null) {
                link().closeInOrder();
            }
        }
        // If nobody decided yet, the link will: it says so each time it has written.
        completeSend();
        return outstanding;
    }

    /** Why nothing can be sent any more; null if it can. Under the monitor. */
    private @Nullable SyncException sendFailure() {
        CloseReason reason = ended;
        if (closing || (reason != null && reason.initiator() == Initiator.LOCAL)) {
            return new SyncException(ErrorKind.CLOSED, "the channel to " + whom.name() + " is closed");
        }
        if (reason != null) {
            return new SyncException(ErrorKind.DISCONNECTED, whom.name() + " has gone", reason.failure());
        }
        return outputFailure;
    }

    @Override
    public int maxMessageBytes() {
        return sizes.maxMessage();
    }

    @Override
    public Optional<PeerIdentity> peer() {
        return whom.peer();
    }

    @Override
    public Optional<byte[]> binding() {
        return whom.binding().map(byte[]::clone);
    }

    @Override
    public String remote() {
        return whom.name();
    }

    @Override
    public CompletionStage<Void> close() {
        synchronized (this) {
            if (ended != null) {
                discard();
            } else if (!closing) {
                closing = true;
                discard();
                closeTimer = context.scheduler()
                        .schedule(
                                context.closeTimeout(),
                                () -> link().closeTimedOut(new SyncException(
                                        ErrorKind.TIMEOUT, whom.name() + " did not read what was sent to it")));
                if (!sending.isBeingQueued()) {
                    link().closeInOrder();
                }
            }
        }
        wake();
        return closed.thenApply(Function.identity());
    }

    @Override
    public void abort(SyncException reason) {
        Objects.requireNonNull(reason, "reason");
        boolean first;
        synchronized (this) {
            first = ended == null;
            discard();
        }
        if (first) {
            link().abort();
        }
        end(CloseReason.aborted(reason));
    }

    /**
     * Aborts and makes sure that the close is reported on return, or soon after by whoever runs a callback right now.
     *
     * @param reason for the listener
     * @return completes once the close is reported; complete where a callback of this channel calls
     */
    public CompletableFuture<Void> shut(SyncException reason) {
        abort(reason);
        callbacks.run();
        completeSend();
        return callbacks.isRunner() ? CompletableFuture.completedFuture(null) : closed;
    }

    /**
     * Whether the link may read on.
     *
     * @return false while too much waits that nobody requested
     */
    public boolean wantsMore() {
        return !readingPaused;
    }

    /**
     * How much has arrived that nobody requested yet; for tests.
     *
     * @return bytes, with a little for each message
     */
    public synchronized long waitingBytes() {
        return inboxBytes;
    }

    /**
     * Whether more has arrived that nobody requested yet than may wait: in bytes of payload, and in messages, so that empty ones are bounded too.
     *
     * @param most so many bytes, and so many messages
     * @return true if more waits
     */
    public synchronized boolean holdsMoreThan(long most) {
        return inboxBytes - (long) OVERHEAD * inbox.size() > most || inbox.size() > most;
    }

    /**
     * A message has arrived; dropped once the channel closes.
     *
     * @param message whole, and the channel's from now on
     */
    public void arrived(Message message) {
        synchronized (this) {
            if (ended != null || closing) {
                return;
            }
            inbox.add(message);
            inboxBytes += message.size() + OVERHEAD;
            if (inboxBytes >= sizes.receive()) {
                readingPaused = true;
            }
        }
        wake();
    }

    /** The queue got shorter. */
    public void roomMade() {
        boolean decided;
        synchronized (this) {
            if (!sending.awaitsRoom()) {
                return;
            }
            decided = link().buffered() <= sizes.sendAgain() && sending.decide(null);
        }
        if (decided) {
            Handover.to(context.executor(), this::completeSend);
        }
    }

    /**
     * Nothing can be sent any more; what arrived may still be read.
     *
     * @param failure what senders are told
     */
    public void outputBroken(SyncException failure) {
        boolean decided;
        synchronized (this) {
            outputFailure = failure;
            decided = sending.decide(failure);
        }
        if (decided) {
            Handover.to(context.executor(), this::completeSend);
        }
    }

    /**
     * The peer said goodbye. What arrived before may still be delivered, unless there was a failure.
     *
     * @param failure why it did; null for no special reason
     */
    public void closedByPeer(@Nullable SyncException failure) {
        end(failure == null ? CloseReason.REMOTE : CloseReason.failed(failure));
    }

    /** Our own close is over. */
    public void closedByUs() {
        end(CloseReason.LOCAL);
    }

    /**
     * The link broke, or the peer broke the rules.
     *
     * @param failure why
     */
    public void failed(SyncException failure) {
        end(CloseReason.failed(failure));
    }

    private void end(CloseReason reason) {
        boolean decided;
        boolean unheard;
        synchronized (this) {
            if (ended == null) {
                ended = reason;
                if (closeTimer != null) {
                    closeTimer.cancel();
                }
                if (reason.initiator() == Initiator.LOCAL) {
                    discard();
                }
            }
            boolean orderly = ended.equals(CloseReason.LOCAL);
            decided = sending.decide(orderly ? null : sendFailure());
            unheard = listener == null;
        }
        if (decided) {
            Handover.to(context.executor(), this::completeSend);
        }
        if (unheard) {
            gone();
        }
        wake();
    }

    /** Forgets what has arrived: nobody will read it. Under the monitor. */
    private void discard() {
        inbox.clear();
        inboxBytes = 0;
        readingPaused = false;
    }

    private void wake() {
        synchronized (this) {
            if (listener == null || reported) {
                return;
            }
        }
        callbacks.wake();
    }

    private void completeSend() {
        Runnable complete;
        synchronized (this) {
            complete = sending.take();
        }
        if (complete != null) {
            complete.run();
        }
    }

    private @Nullable Runnable nextCallback() {
        boolean resume = false;
        try {
            synchronized (this) {
                ChannelListener to = listener;
                if (to == null || reported) {
                    return null;
                }
                Message message = demand > 0 ? inbox.poll() : null;
                if (message != null) {
                    demand -= demand == Long.MAX_VALUE ? 0 : 1;
                    inboxBytes -= message.size() + OVERHEAD;
                    if (readingPaused && inboxBytes <= sizes.receive() / 2) {
                        readingPaused = false;
                        resume = ended == null;
                    }
                    return () -> to.onMessage(message);
                }
                CloseReason reason = ended;
                if (reason == null || (reason.initiator() == Initiator.REMOTE && !inbox.isEmpty())) {
                    return null;
                }
                discard();
                reported = true;
                return () -> report(to, reason);
            }
        } finally {
            if (resume) {
                link().resumeReading();
            }
        }
    }

    /** On a message: the listener, or there was no memory to call it. */
    private void crashed(Throwable thrown) {
        link().giveUp();
        failed(new SyncException(
                ErrorKind.INTERNAL, "the listener of the channel to " + whom.name() + " threw " + thrown, thrown));
        LOG.log(System.Logger.Level.WARNING, "a listener threw on a message from " + whom.name(), thrown);
    }

    private void report(ChannelListener to, CloseReason reason) {
        try {
            to.onClosed(reason);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "a listener threw on the close of " + whom.name(), e);
        }
        gone();
    }

    private void gone() {
        closed.complete(null);
        onGone.accept(this);
    }

    private MessageLink link() {
        return Objects.requireNonNull(link, "attached before use");
    }
}
