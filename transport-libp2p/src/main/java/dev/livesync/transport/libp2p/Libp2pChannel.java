package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.CloseReason.Initiator;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.Turns;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What users hold: the rules of {@link Channel} over a {@link MessageStream}. State is guarded by the channel's own monitor,
 * which is never held while somebody else's code runs. The loop calls the package-private methods, and callbacks go out in
 * turns on the context's executor, never on the loop's thread.
 */
final class Libp2pChannel implements Channel {
    private static final System.Logger LOG = System.getLogger(Libp2pChannel.class.getName());

    /** What a waiting message costs beyond its bytes, roughly; so that empty ones are bounded too. */
    private static final int OVERHEAD = 64;

    private final TransportContext context;
    private final String remote;
    private final int maxMessageBytes;
    private final int sendBufferBytes;
    private final int receiveBufferBytes;
    private final PeerId peer;
    private final byte[] binding;
    private final Consumer<Libp2pChannel> onGone;
    private final Turns turns;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private @Nullable MessageStream stream;

    private @Nullable ChannelListener listener;
    private long demand;
    private final Deque<Message> inbox = new ArrayDeque<>();
    private long inboxBytes;
    private volatile boolean readingPaused;

    private @Nullable CompletableFuture<Void> sending;
    /** The outstanding message is in the connection's queue. */
    private boolean queued;
    /** What completes the outstanding send, once that is decided. */
    private @Nullable Runnable verdict;

    private @Nullable SyncException outputFailure;
    private boolean closing;
    private TransportContext.@Nullable Cancellable closeTimer;
    /** Why it ended; what had arrived before a regular end by the peer may still be delivered. */
    private @Nullable CloseReason ended;

    private boolean reported;

    Libp2pChannel(
            TransportContext context,
            Libp2pConfiguration configuration,
            String remote,
            PeerId peer,
            byte[] binding,
            Consumer<Libp2pChannel> onGone) {
        this.context = context;
        this.remote = remote;
        this.maxMessageBytes = configuration.maxMessageBytes(context);
        this.sendBufferBytes = configuration.sendBufferBytes();
        this.receiveBufferBytes = configuration.receiveBufferBytes();
        this.peer = peer;
        this.binding = binding;
        this.onGone = onGone;
        this.turns = new Turns(context.executor(), this::nextCallback);
    }

    /** Before anybody else sees the channel. */
    void attach(MessageStream newStream) {
        stream = newStream;
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
        turns.wake();
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
        CompletableFuture<Void> outstanding = new CompletableFuture<>();
        synchronized (this) {
            SyncException failure = sendFailure();
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            if (sending != null) {
                throw new IllegalStateException("the send before has not completed");
            }
            if (message.size() > maxMessageBytes) {
                return CompletableFuture.failedFuture(new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        message + " is over the limit of " + maxMessageBytes + " bytes for " + remote));
            }
            sending = outstanding;
            queued = false;
        }
        stream().send(message); // outside the lock: it copies
        synchronized (this) {
            queued = true;
            if (stream().buffered() <= sendBufferBytes) {
                decide(null);
            }
            if (closing && ended == null) {
                stream().closeInOrder();
            }
        }
        // If nobody decided yet, the loop will: it looks at the buffer each time it has written.
        completeSend();
        return outstanding;
    }

    /** Why nothing can be sent any more; null if it can. Under the monitor. */
    private @Nullable SyncException sendFailure() {
        CloseReason reason = ended;
        if (closing || (reason != null && reason.initiator() == Initiator.LOCAL)) {
            return new SyncException(ErrorKind.CLOSED, "the channel to " + remote + " is closed");
        }
        if (reason != null) {
            return new SyncException(ErrorKind.DISCONNECTED, remote + " has gone", reason.failure());
        }
        return outputFailure;
    }

    @Override
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    @Override
    public Optional<PeerIdentity> peer() {
        return Optional.of(new PeerIdentity(Multiaddr.SCHEME, peer.toString()));
    }

    @Override
    public Optional<byte[]> binding() {
        return Optional.of(binding.clone());
    }

    @Override
    public String remote() {
        return remote;
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
                                () -> stream()
                                        .closeTimedOut(new SyncException(
                                                ErrorKind.TIMEOUT, remote + " did not read what was sent to it")));
                if (sending == null || queued) {
                    stream().closeInOrder();
                }
            }
        }
        wake();
        return closed.minimalCompletionStage();
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
            stream().abort();
        }
        end(CloseReason.aborted(reason));
    }

    /** Aborts and makes sure that the close is reported on return, or soon after by whoever runs a callback right now. */
    CompletableFuture<Void> shut(SyncException reason) {
        abort(reason);
        turns.run();
        completeSend();
        return turns.isRunner() ? CompletableFuture.completedFuture(null) : closed;
    }

    /** Whether the loop may read on. */
    boolean wantsMore() {
        return !readingPaused;
    }

    /** How many bytes have arrived that nobody requested yet; for tests. */
    synchronized long waitingBytes() {
        return inboxBytes;
    }

    void arrived(Message message) {
        synchronized (this) {
            if (ended != null || closing) {
                return;
            }
            inbox.add(message);
            inboxBytes += message.size() + OVERHEAD;
            if (inboxBytes >= receiveBufferBytes) {
                readingPaused = true;
            }
        }
        wake();
    }

    /** The queue got shorter. A sender that has to wait waits until half of it is free: being woken for each message costs more. */
    void roomMade() {
        boolean decided;
        synchronized (this) {
            if (sending == null || !queued || verdict != null) {
                return;
            }
            decided = stream().buffered() <= sendBufferBytes / 2 && decide(null);
        }
        if (decided) {
            context.executor().execute(this::completeSend);
        }
    }

    void outputBroken(SyncException failure) {
        boolean decided;
        synchronized (this) {
            outputFailure = failure;
            decided = decide(failure);
        }
        if (decided) {
            context.executor().execute(this::completeSend);
        }
    }

    /** The peer said goodbye. */
    void closedByPeer() {
        end(CloseReason.REMOTE);
    }

    void closedByUs() {
        end(CloseReason.LOCAL);
    }

    void failed(SyncException failure) {
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
            decided = decide(orderly ? null : sendFailure());
            unheard = listener == null;
        }
        if (decided) {
            context.executor().execute(this::completeSend);
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
        turns.wake();
    }

    /** Under the monitor; true if it is new that the outstanding send is over. */
    private boolean decide(@Nullable SyncException failure) {
        CompletableFuture<Void> outstanding = sending;
        if (outstanding == null || verdict != null) {
            return false;
        }
        verdict = failure == null ? () -> outstanding.complete(null) : () -> outstanding.completeExceptionally(failure);
        return true;
    }

    private void completeSend() {
        Runnable complete;
        synchronized (this) {
            complete = queued ? verdict : null;
            if (complete != null) {
                verdict = null;
                sending = null;
            }
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
                    if (readingPaused && inboxBytes <= receiveBufferBytes / 2) {
                        readingPaused = false;
                        resume = ended == null;
                    }
                    return () -> deliver(to, message);
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
                stream().resumeReading();
            }
        }
    }

    private void deliver(ChannelListener to, Message message) {
        try {
            to.onMessage(message);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "a listener threw on a message from " + remote, e);
            SyncException failure = new SyncException(
                    ErrorKind.INTERNAL, "the listener of the channel to " + remote + " threw " + e, e);
            stream().abort();
            failed(failure);
        }
    }

    private void report(ChannelListener to, CloseReason reason) {
        try {
            to.onClosed(reason);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "a listener threw on the close of " + remote, e);
        }
        gone();
    }

    private void gone() {
        closed.complete(null);
        onGone.accept(this);
    }

    private MessageStream stream() {
        return Objects.requireNonNull(stream, "attached before use");
    }
}
