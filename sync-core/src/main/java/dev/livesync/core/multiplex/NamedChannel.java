package dev.livesync.core.multiplex;

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
 * One channel of a shared connection. Its state is guarded by the connection's lock, which is never held while a listener or a user runs;
 * callbacks go out in turns on the executor of whoever has the channel.
 */
final class NamedChannel implements Channel {
    /**
     * Whom the connection leads to, as seen from this channel.
     *
     * @param name as in {@link Channel#remote}
     * @param peer as in {@link Channel#peer}
     * @param binding as in {@link Channel#binding}; not to be changed
     */
    record Remote(String name, Optional<PeerIdentity> peer, Optional<byte[]> binding) {}

    private record Arrived(Message message, int cost) {}

    private static final System.Logger LOG = System.getLogger(NamedChannel.class.getName());

    /** So many, then others on the executor get their turn. */
    private static final int CALLBACKS = 64;

    private final TransportContext context;
    private final Remote remote;
    private final ChannelPort port;
    private final Object lock;
    private final Consumer<NamedChannel> onGone;
    private final SerialRunner callbacks;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private @Nullable ChannelListener listener;
    private long demand;
    private final Deque<Arrived> inbox = new ArrayDeque<>();

    private @Nullable CompletableFuture<Void> sending;
    /** Completes the outstanding send, once its outcome is decided. */
    private @Nullable Runnable verdict;
    /** Who is inside {@link #send}, and completes it there. */
    private @Nullable Thread sender;

    private boolean closing;
    private TransportContext.@Nullable Cancellable closeTimer;
    /** Why it ended; what had arrived before a regular end by the peer may still be delivered. */
    private @Nullable CloseReason ended;

    private boolean reported;

    /**
     * Makes an open channel.
     *
     * @param context of whoever has it
     * @param onGone told when it has reported its close, or ended before anybody listened; perhaps more than once, and under no lock
     */
    NamedChannel(TransportContext context, Remote remote, ChannelPort port, Consumer<NamedChannel> onGone) {
        this.context = context;
        this.remote = remote;
        this.port = port;
        this.lock = port.lock();
        this.onGone = onGone;
        this.callbacks = new SerialRunner(
                task -> Handoff.to(context.executor(), task), CALLBACKS, this::nextCallback, this::crashed);
    }

    @Override
    public void start(ChannelListener newListener) {
        Objects.requireNonNull(newListener, "listener");
        synchronized (lock) {
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
        synchronized (lock) {
            demand = demand + messages < 0 ? Long.MAX_VALUE : demand + messages;
        }
        wake();
    }

    @Override
    public CompletionStage<Void> send(Message message) {
        Objects.requireNonNull(message, "message");
        CompletableFuture<Void> outstanding;
        synchronized (lock) {
            if (closing || ended != null) {
                return FailedFutures.of(sendFailure());
            }
            if (sending != null) {
                throw new IllegalStateException("the send before has not completed");
            }
            if (message.size() > maxMessageBytes()) {
                return FailedFutures.of(new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        message + " is over the limit of " + maxMessageBytes() + " bytes for " + remote.name()));
            }
            outstanding = new CompletableFuture<>();
            sending = outstanding;
            sender = Thread.currentThread();
            port.send(message);
        }
        port.flush();
        synchronized (lock) {
            sender = null;
        }
        completeSend();
        return outstanding;
    }

    private SyncException sendFailure() {
        CloseReason reason = ended;
        if (reason == null || reason.initiator() == Initiator.LOCAL) {
            return new SyncException(ErrorKind.CLOSED, "the channel to " + remote.name() + " is closed");
        }
        return new SyncException(ErrorKind.DISCONNECTED, remote.name() + " has gone", reason.failure());
    }

    @Override
    public int maxMessageBytes() {
        return mostMessageBytes(context);
    }

    static int mostMessageBytes(TransportContext context) {
        return Math.min(context.maxMessageBytes(), MuxLimits.MESSAGE_BYTES);
    }

    @Override
    public Optional<PeerIdentity> peer() {
        return remote.peer();
    }

    @Override
    public Optional<byte[]> binding() {
        return remote.binding().map(byte[]::clone);
    }

    @Override
    public String remote() {
        return remote.name();
    }

    @Override
    public CompletionStage<Void> close() {
        synchronized (lock) {
            if (ended != null) {
                discard();
            } else if (!closing) {
                closing = true;
                discard();
                closeTimer = context.scheduler()
                        .schedule(
                                context.closeTimeout(),
                                () -> abort(new SyncException(
                                        ErrorKind.TIMEOUT, remote.name() + " did not read what was sent to it")));
                port.end();
            }
        }
        port.flush();
        wake();
        return closed.thenApply(Function.identity());
    }

    @Override
    public void abort(SyncException reason) {
        Objects.requireNonNull(reason, "reason");
        synchronized (lock) {
            discard();
            if (ended == null) {
                port.reset(reason);
            }
        }
        end(CloseReason.aborted(reason));
        port.flush();
    }

    /**
     * Aborts and makes sure that the close is reported on return, or soon after by whoever runs a callback right now.
     *
     * @return completes once the close is reported; complete where a callback of this channel calls
     */
    CompletableFuture<Void> shut(SyncException reason) {
        abort(reason);
        callbacks.run();
        completeSend();
        return callbacks.isRunner() ? CompletableFuture.completedFuture(null) : closed;
    }

    // What the connection says

    /** A message has arrived. Under the lock; {@link #wake} follows without it. */
    void arrived(Message message, int cost) {
        if (ended == null && !closing) {
            inbox.add(new Arrived(message, cost));
        }
    }

    /** The message is in frames. Under the lock. True if {@link #completeSend} is to be called without it, on the executor. */
    boolean taken() {
        return decide(null) && sender != Thread.currentThread();
    }

    /** Our own end is on its way. Without the lock. */
    void endSent() {
        end(CloseReason.LOCAL);
    }

    /** The peer, or the connection, has ended. Without the lock. */
    void end(CloseReason reason) {
        boolean decided;
        boolean unheard;
        synchronized (lock) {
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
            Handoff.to(context.executor(), this::completeSend);
        }
        if (unheard) {
            gone();
        }
        wake();
    }

    private boolean decide(@Nullable SyncException failure) {
        CompletableFuture<Void> outstanding = sending;
        if (outstanding == null || verdict != null) {
            return false;
        }
        verdict = failure == null ? () -> outstanding.complete(null) : () -> outstanding.completeExceptionally(failure);
        return true;
    }

    /** Completes the outstanding send, if that is decided. Without the lock. */
    void completeSend() {
        Runnable complete;
        synchronized (lock) {
            complete = verdict;
            if (complete == null || sender != null) {
                return; // whoever sends completes it
            }
            verdict = null;
            sending = null;
        }
        complete.run();
    }

    TransportContext context() {
        return context;
    }

    private void discard() {
        inbox.clear();
    }

    /** Has callbacks made, if there are any. Without the lock. */
    void wake() {
        synchronized (lock) {
            if (listener == null || reported) {
                return;
            }
        }
        callbacks.wake();
    }

    private @Nullable Runnable nextCallback() {
        Arrived next;
        ChannelListener to;
        synchronized (lock) {
            to = listener;
            if (to == null || reported) {
                return null;
            }
            next = demand > 0 ? inbox.poll() : null;
            if (next == null) {
                CloseReason reason = ended;
                if (reason == null || (reason.initiator() == Initiator.REMOTE && !inbox.isEmpty())) {
                    return null;
                }
                discard();
                reported = true;
                return () -> report(to, reason);
            }
            demand -= demand == Long.MAX_VALUE ? 0 : 1;
            port.read(next.cost());
        }
        port.flush();
        Message message = next.message();
        return () -> to.onMessage(message);
    }

    /** On a message: the listener, or there was no memory to call it. */
    private void crashed(Throwable thrown) {
        SyncException failure = new SyncException(
                ErrorKind.INTERNAL, "the listener of the channel to " + remote.name() + " threw " + thrown, thrown);
        synchronized (lock) {
            if (ended == null) {
                port.reset(failure);
            }
        }
        end(CloseReason.failed(failure));
        port.flush();
        LOG.log(System.Logger.Level.WARNING, "a listener threw on a message from " + remote.name(), thrown);
    }

    private void report(ChannelListener to, CloseReason reason) {
        try {
            to.onClosed(reason);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "a listener threw on the close of " + remote.name(), e);
        }
        gone();
    }

    private void gone() {
        closed.complete(null);
        onGone.accept(this);
    }
}
