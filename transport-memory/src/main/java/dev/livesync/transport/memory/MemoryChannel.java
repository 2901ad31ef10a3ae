package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.SerialRunner;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.Handover;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One end of a link. All state is guarded by the link's lock; callbacks and completions happen outside of it, callbacks one
 * per turn.
 */
final class MemoryChannel implements Channel {
    private static final System.Logger LOG = System.getLogger(MemoryChannel.class.getName());
    private static final CompletionStage<Void> DONE = CompletableFuture.completedStage(null);

    private final MemoryLink link;
    private final MemoryLink.Side side;
    private final MemoryEnd end;
    private final Pipe in;
    private final Pipe out;
    private final Optional<PeerIdentity> peer;
    private final SerialRunner callbacks;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private @Nullable ChannelListener listener;
    private long demand;
    private @Nullable CompletableFuture<Void> sending;
    /** Completes the outstanding send, once its outcome is decided. */
    private @Nullable Runnable verdict;

    private boolean closing;
    private TransportContext.@Nullable Cancellable closeTimer;
    /** The reason of the end. Messages that arrived before a regular end by the peer may still be delivered. */
    private @Nullable CloseReason ended;

    private boolean reported;

    MemoryChannel(MemoryLink link, MemoryLink.Side side, MemoryEnd end, MemoryEnd other, Pipe in, Pipe out) {
        this.link = link;
        this.side = side;
        this.end = end;
        this.in = in;
        this.out = out;
        this.peer = end.configuration()
                .identity()
                .flatMap(own -> other.configuration().identity())
                .map(name -> new PeerIdentity("memory", name));
        this.callbacks = new SerialRunner(
                task -> Handover.to(end.context().executor(), task), 1, this::nextCallback, this::crashed);
    }

    @Override
    public void start(ChannelListener newListener) {
        Objects.requireNonNull(newListener, "listener");
        link.act(after -> {
            if (listener != null) {
                throw new IllegalStateException("this channel was started before");
            }
            listener = newListener;
            wake(after);
        });
    }

    @Override
    public void request(long messages) {
        if (messages < 1) {
            throw new IllegalArgumentException("request at least 1 message, not " + messages);
        }
        link.act(after -> {
            demand = demand + messages < 0 ? Long.MAX_VALUE : demand + messages;
            wake(after);
        });
    }

    @Override
    public CompletionStage<Void> send(Message message) {
        Objects.requireNonNull(message, "message");
        return link.compute(after -> sendLocked(message, after));
    }

    private CompletionStage<Void> sendLocked(Message message, List<Runnable> after) {
        if (ended != null || closing) {
            return CompletableFuture.failedFuture(sendFailure());
        }
        if (sending != null) {
            throw new IllegalStateException("the send before has not completed");
        }
        if (message.size() > maxMessageBytes()) {
            return CompletableFuture.failedFuture(new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    message + " is over the limit of " + maxMessageBytes() + " bytes for " + remote()));
        }
        SyncException planned = out.admit();
        if (planned != null) {
            SyncException told = link.broken("a send failed");
            out.end(CloseReason.failed(told), false, after);
            ended(CloseReason.failed(planned), after);
            return CompletableFuture.failedFuture(planned);
        }
        link.tapped(side, message);
        out.put(message, after);
        if (ended != null || out.hasRoom()) {
            return DONE;
        }
        CompletableFuture<Void> outstanding = new CompletableFuture<>();
        sending = outstanding;
        return outstanding;
    }

    private SyncException sendFailure() {
        CloseReason reason = ended;
        if (reason == null || reason.initiator() == CloseReason.Initiator.LOCAL) {
            return new SyncException(ErrorKind.CLOSED, "the channel to " + remote() + " is closed");
        }
        SyncException failure = reason.failure();
        return new SyncException(ErrorKind.DISCONNECTED, remote() + " has gone", failure);
    }

    @Override
    public int maxMessageBytes() {
        return end.maxMessageBytes();
    }

    @Override
    public Optional<PeerIdentity> peer() {
        return peer;
    }

    @Override
    public Optional<byte[]> binding() {
        return end.configuration().binding() ? Optional.of(link.binding(side)) : Optional.empty();
    }

    @Override
    public String remote() {
        return link.address() + '#' + link.number();
    }

    @Override
    public CompletionStage<Void> close() {
        link.act(after -> {
            if (ended != null) {
                in.discard();
                wake(after);
            } else if (!closing) {
                closing = true;
                if (sending == null || verdict != null) {
                    closeInOrder(after);
                } else {
                    in.discard();
                    link.end(side.other()).roomMade(after);
                    closeTimer = end.context()
                            .scheduler()
                            .schedule(
                                    end.context().closeTimeout(),
                                    () -> abort(new SyncException(
                                            ErrorKind.TIMEOUT, remote() + " did not read what was sent to it")));
                }
            }
        });
        return closed.minimalCompletionStage();
    }

    @Override
    public void abort(SyncException reason) {
        Objects.requireNonNull(reason, "reason");
        link.act(after -> {
            if (ended == null) {
                out.end(CloseReason.failed(link.broken("the peer aborted it")), true, after);
                ended(CloseReason.aborted(reason), after);
            }
            in.discard();
            wake(after);
        });
    }

    /** Aborts and makes sure that the close is reported on return, or soon after by whoever runs a callback right now. */
    CompletableFuture<Void> shut(SyncException reason) {
        abort(reason);
        callbacks.run();
        completeSend();
        return callbacks.isRunner() ? CompletableFuture.completedFuture(null) : closed;
    }

    TransportContext context() {
        return end.context();
    }

    Pipe out() {
        return out;
    }

    boolean isEnded() {
        return ended != null;
    }

    /** Whether an arriving message is kept. Under the lock, like all methods below. */
    boolean takes(Message message, boolean overflow, List<Runnable> after) {
        if (ended != null || closing) {
            return false;
        }
        SyncException failure = null;
        if (message.size() > maxMessageBytes()) {
            failure = new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    remote() + " sent " + message + ", over the limit of " + maxMessageBytes() + " bytes");
        } else if (overflow) {
            failure = new SyncException(ErrorKind.OVERFLOW, remote() + " sends faster than its messages are read");
        }
        if (failure != null) {
            fail(failure, after);
            return false;
        }
        wake(after);
        return true;
    }

    void endArrived(CloseReason reason, List<Runnable> after) {
        ended(reason, after);
    }

    /** Called when the peer has read, or will never read: an outstanding send may be complete. */
    void roomMade(List<Runnable> after) {
        if (out.hasRoom()) {
            decide(null, after);
            if (closing && ended == null) {
                closeInOrder(after);
            }
        }
    }

    void ended(CloseReason reason, List<Runnable> after) {
        if (ended != null) {
            return;
        }
        ended = reason;
        if (closeTimer != null) {
            closeTimer.cancel();
        }
        decide(sendFailure(), after);
        if (reason.initiator() == CloseReason.Initiator.LOCAL) {
            in.discard();
        }
        link.end(side.other()).roomMade(after);
        if (listener == null) {
            after.add(this::gone);
        }
        wake(after);
        link.endGone(after);
    }

    void wake(List<Runnable> after) {
        if (listener != null && !reported) {
            after.add(callbacks::wake);
        }
    }

    private void fail(SyncException failure, List<Runnable> after) {
        out.end(CloseReason.failed(link.broken("the peer gave it up")), true, after);
        ended(CloseReason.failed(failure), after);
    }

    private void closeInOrder(List<Runnable> after) {
        out.end(CloseReason.REMOTE, false, after);
        ended(CloseReason.LOCAL, after);
    }

    private void decide(@Nullable SyncException failure, List<Runnable> after) {
        CompletableFuture<Void> outstanding = sending;
        if (outstanding == null || verdict != null) {
            return;
        }
        verdict = failure == null ? () -> outstanding.complete(null) : () -> outstanding.completeExceptionally(failure);
        // Not on this thread, which may be the peer's and inside one of its callbacks.
        after.add(() -> Handover.to(end.context().executor(), this::completeSend));
    }

    private void completeSend() {
        link.act(after -> {
            if (verdict != null) {
                after.add(verdict);
                verdict = null;
                sending = null;
            }
        });
    }

    private @Nullable Runnable nextCallback() {
        return link.compute(after -> {
            ChannelListener to = listener;
            if (to == null || reported) {
                return null;
            }
            Message message = demand > 0 ? in.poll() : null;
            if (message != null) {
                demand -= demand == Long.MAX_VALUE ? 0 : 1;
                link.end(side.other()).roomMade(after);
                return () -> to.onMessage(message);
            }
            CloseReason reason = ended;
            if (reason == null || (reason.initiator() == CloseReason.Initiator.REMOTE && !in.nothingArrived())) {
                return null;
            }
            in.discard();
            reported = true;
            return () -> report(to, reason);
        });
    }

    /** On a message: the listener, or there was no memory to call it. */
    private void crashed(Throwable thrown) {
        link.act(after -> fail(
                new SyncException(
                        ErrorKind.INTERNAL, "the listener of the channel to " + remote() + " threw " + thrown, thrown),
                after));
        LOG.log(System.Logger.Level.WARNING, "a listener threw on a message from " + remote(), thrown);
    }

    private void report(ChannelListener to, CloseReason reason) {
        try {
            to.onClosed(reason);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "a listener threw on the close of " + remote(), e);
        }
        gone();
    }

    private void gone() {
        closed.complete(null);
        end.onGone().accept(this);
    }
}
