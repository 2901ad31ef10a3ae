package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.SerialRunner;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.CloseReason.Initiator;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.OutstandingSend;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Implements {@link Channel} over a {@link NativeConnection}. It exists from the beginning of an exchange, because messages can arrive
 * before the channel is known to be open.
 *
 * <p>State is guarded by the channel's own monitor, which is never held while native or somebody else's code runs. The native
 * thread calls {@link #opened}, {@link #arrived}, {@link #channelClosed} and {@link #lost}; callbacks go out in turns on the
 * context's executor. Room for another send is seen by polling: nothing tells.
 */
final class WebRtcChannel implements Channel {
    private static final System.Logger LOG = System.getLogger(WebRtcChannel.class.getName());

    /** So many, then others on the executor get their turn. */
    private static final int CALLBACKS = 64;

    /** How often to check for room: about as long as 64 KiB take. */
    private static final Duration POLL = Duration.ofMillis(2);

    private final TransportContext context;
    private final int sendBufferBytes;
    private final Consumer<WebRtcChannel> onGone;
    private final SerialRunner callbacks;
    private final CompletableFuture<String> described = new CompletableFuture<>();
    private final CompletableFuture<WebRtcChannel> open = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private @Nullable NativeConnection connection;

    // Known before it opens, and fixed from then on.
    private volatile String remote = "webrtc:unknown";
    private volatile int maxMessageBytes = SessionDescription.UNSTATED_MAX_MESSAGE;
    private volatile byte[] binding = {};

    private volatile boolean isOpen;
    private @Nullable ChannelListener listener;
    private long demand;
    private final Inbox inbox = new Inbox();

    private final OutstandingSend sending = new OutstandingSend();

    private boolean polling;
    private boolean closing;
    private boolean drained;
    private TransportContext.@Nullable Cancellable closeTimer;
    /** The reason of the end. Messages that arrived before a regular end by the peer may still be delivered. */
    private @Nullable CloseReason ended;

    private boolean reported;

    WebRtcChannel(TransportContext context, WebRtcConfiguration configuration, Consumer<WebRtcChannel> onGone) {
        this.context = context;
        this.sendBufferBytes = configuration.sendBufferBytes();
        this.onGone = onGone;
        this.callbacks = new SerialRunner(
                task -> Handover.to(context.executor(), task), CALLBACKS, this::nextCallback, this::crashed);
    }

    /** Sets the native connection, before any other thread sees the channel. */
    void attach(NativeConnection newConnection) {
        connection = newConnection;
    }

    /** Sets the peer and the limits, before the channel can open. */
    void describe(SessionDescription theirs, byte[] offerHash, byte[] answerHash) {
        remote = theirs.remote();
        maxMessageBytes = Math.min(theirs.maxMessageBytes(), context.maxMessageBytes());
        binding = ByteBuffer.allocate(offerHash.length + answerHash.length)
                .put(offerHash)
                .put(answerHash)
                .array();
    }

    /** Asks the native connection for this side's description. */
    void begin(@Nullable SessionDescription offer) {
        connection().begin(offer);
    }

    /** Gives the native connection the answer to its offer; {@code refused} is called if it does not fit and another can follow. */
    void connect(SessionDescription answer, Consumer<SyncException> refused) {
        connection().connect(answer, refusal -> execute(() -> refused.accept(refusal)));
    }

    /** This side's session description; fails if the channel ends before there is one. */
    CompletableFuture<String> whenDescribed() {
        return described;
    }

    /** Completes when the channel opens; fails if it ends before. */
    CompletableFuture<WebRtcChannel> whenOpen() {
        return open;
    }

    boolean isOpen() {
        return isOpen;
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
                return CompletableFuture.failedFuture(failure);
            }
            sending.requireNone();
            if (message.size() > maxMessageBytes) {
                return CompletableFuture.failedFuture(new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        message + " is over the limit of " + maxMessageBytes + " bytes for " + remote));
            }
            outstanding = sending.begin();
        }
        boolean taken = connection().send(message);
        boolean room = !taken || hasRoom();
        synchronized (this) {
            sending.queued();
            if (!taken) {
                sending.decide(new SyncException(ErrorKind.DISCONNECTED, remote + " takes no more messages"));
            } else if (room) {
                sending.decide(null);
            }
        }
        completeSend();
        pollWhileNeeded();
        return outstanding;
    }

    private boolean hasRoom() {
        return connection().bufferedAtMost() <= sendBufferBytes || connection().measureBuffered() <= sendBufferBytes;
    }

    /** The reason why nothing can be sent any more; null if it can. Under the monitor. */
    private @Nullable SyncException sendFailure() {
        CloseReason reason = ended;
        if (closing || (reason != null && reason.initiator() == Initiator.LOCAL)) {
            return new SyncException(ErrorKind.CLOSED, "the channel to " + remote + " is closed");
        }
        if (reason != null) {
            return new SyncException(ErrorKind.DISCONNECTED, remote + " has gone", reason.failure());
        }
        return null;
    }

    @Override
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    @Override
    public Optional<PeerIdentity> peer() {
        return Optional.empty();
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
                                () -> abort(new SyncException(
                                        ErrorKind.TIMEOUT, remote + " did not read what was sent to it")));
            }
        }
        pollWhileNeeded();
        wake();
        return closed.minimalCompletionStage();
    }

    @Override
    public void abort(SyncException reason) {
        Objects.requireNonNull(reason, "reason");
        synchronized (this) {
            discard();
        }
        end(CloseReason.aborted(reason));
    }

    /** Ends an exchange that has not led to a channel. */
    void abortUnlessOpen(SyncException reason) {
        synchronized (this) {
            if (isOpen) {
                return;
            }
        }
        abort(reason);
    }

    /** Aborts and makes sure that the close is reported on return, or soon after by whoever runs a callback right now. */
    CompletableFuture<Void> shut(SyncException reason) {
        abort(reason);
        callbacks.run();
        completeSend();
        return callbacks.isRunner() ? CompletableFuture.completedFuture(null) : closed;
    }

    /** Called when the native connection has a description. */
    void described(String sdp) {
        execute(() -> described.complete(sdp));
    }

    /** Called when the data channel is open. */
    void opened() {
        synchronized (this) {
            if (isOpen || ended != null) {
                return;
            }
            isOpen = true;
        }
        execute(() -> open.complete(this));
    }

    /** Takes a message; its bytes belong to the caller again afterwards. */
    void arrived(Message.Kind kind, ByteBuffer data) {
        SyncException failure = null;
        int size = data.remaining();
        synchronized (this) {
            if (ended != null || closing) {
                return;
            }
            if (size > context.maxMessageBytes()) {
                failure = new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        remote + " sent a message of " + size + " bytes; at most " + context.maxMessageBytes()
                                + " are taken");
            } else if (inbox.bytes() + size > context.inboundQueueBytes()
                    || inbox.messages() >= context.inboundQueueBytes()) {
                // Empty messages cost no credit, but a place in the queue.
                failure = new SyncException(
                        ErrorKind.OVERFLOW,
                        remote + " sends faster than it is read: " + inbox.bytes() + " bytes wait, at most "
                                + context.inboundQueueBytes() + " may");
            } else {
                inbox.add(kind, data);
            }
        }
        if (failure != null) {
            end(CloseReason.failed(failure));
            return;
        }
        wake();
    }

    /** Called when the data channel is closed: by the peer, unless we had asked for it. */
    void channelClosed() {
        boolean ours;
        synchronized (this) {
            ours = closing;
        }
        end(ours ? CloseReason.LOCAL : CloseReason.REMOTE);
    }

    /** Called when the native connection is destroyed. */
    void lost(SyncException failure) {
        end(CloseReason.failed(failure));
    }

    private void end(CloseReason reason) {
        boolean decided;
        boolean unheard;
        SyncException unopened;
        synchronized (this) {
            if (ended != null) {
                return;
            }
            ended = reason;
            if (closeTimer != null) {
                closeTimer.cancel();
            }
            if (reason.initiator() == Initiator.LOCAL) {
                discard();
            }
            decided = sending.decide(reason.equals(CloseReason.LOCAL) ? null : sendFailure());
            unheard = listener == null;
            unopened = isOpen ? null : unopened(reason);
        }
        connection().abandon();
        if (decided) {
            execute(this::completeSend);
        }
        if (unopened != null) {
            execute(() -> {
                described.completeExceptionally(unopened);
                open.completeExceptionally(unopened);
            });
        }
        if (unheard) {
            gone();
        }
        wake();
    }

    private SyncException unopened(CloseReason reason) {
        SyncException failure = reason.failure();
        return failure != null
                ? failure
                : new SyncException(ErrorKind.UNREACHABLE, remote + " closed the connection before it was open");
    }

    /** Drops what has arrived, since nobody will read it. Under the monitor. */
    private void discard() {
        inbox.clear();
    }

    private void execute(Runnable task) {
        Handover.to(context.executor(), task);
    }

    private void wake() {
        synchronized (this) {
            if (listener == null || reported) {
                return;
            }
        }
        callbacks.wake();
    }

    /** Sets the timer that checks for room, or for the last byte to be sent, while something waits for that. */
    private void pollWhileNeeded() {
        boolean empty = false;
        synchronized (this) {
            boolean waiting = sending.awaitsRoom() || (closing && !drained);
            if (!waiting || polling || ended != null) {
                return;
            }
            if (closing && !sending.isThere() && connection().bufferedAtMost() == 0) {
                drained = true;
                empty = true;
            } else {
                polling = true;
            }
        }
        if (empty) {
            connection().closeInOrder();
        } else {
            var unused = context.scheduler().schedule(POLL, () -> execute(this::poll));
        }
    }

    private void poll() {
        long buffered = connection().measureBuffered();
        synchronized (this) {
            polling = false;
            if (sending.awaitsRoom() && buffered <= sendBufferBytes) {
                sending.decide(null);
            }
        }
        completeSend();
        pollWhileNeeded();
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
        synchronized (this) {
            ChannelListener to = listener;
            if (to == null || reported) {
                return null;
            }
            Message message = demand > 0 ? inbox.poll() : null;
            if (message != null) {
                demand -= demand == Long.MAX_VALUE ? 0 : 1;
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
    }

    /** On a message: the listener, or there was no memory to call it. */
    private void crashed(Throwable thrown) {
        lost(new SyncException(
                ErrorKind.INTERNAL, "the listener of the channel to " + remote + " threw " + thrown, thrown));
        LOG.log(System.Logger.Level.WARNING, "a listener threw on a message from " + remote, thrown);
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

    private NativeConnection connection() {
        return Objects.requireNonNull(connection, "attached before use");
    }
}
