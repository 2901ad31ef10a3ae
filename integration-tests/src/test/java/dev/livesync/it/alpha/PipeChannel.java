package dev.livesync.it.alpha;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.TransportContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** One channel to an alpha. Everything happens in the bench's own thread. */
final class PipeChannel implements Channel {
    /** What a data channel carries to an alpha. */
    static final int MAX = 262_144;

    private static int count;

    private final Bench bench;
    private final TransportContext context;
    private final Consumer<Message> sent;
    private final String id = "jvm-" + ++count;
    private final Deque<Message> inbox = new ArrayDeque<>();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private String alpha = "nobody";
    private ChannelListener listener;
    private long requested;
    private CloseReason reason;
    private boolean told;

    PipeChannel(Bench bench, TransportContext context, Consumer<Message> sent) {
        this.sent = sent;
        this.bench = bench;
        this.context = context;
    }

    String id() {
        return id;
    }

    void connected(String to) {
        alpha = to;
    }

    /** Something came from the alpha. */
    void arrived(Message message) {
        inbox.add(message);
        context.executor().execute(this::deliver);
    }

    void ended(CloseReason why) {
        if (reason == null) {
            reason = why;
        }
        context.executor().execute(this::deliver);
    }

    private void deliver() {
        while (listener != null && requested > 0 && !inbox.isEmpty()) {
            requested--;
            listener.onMessage(inbox.remove());
        }
        boolean mayEnd = reason != null && (inbox.isEmpty() || reason.initiator() != CloseReason.Initiator.REMOTE);
        if (listener != null && mayEnd && !told) {
            told = true;
            bench.forget(alpha);
            listener.onClosed(reason);
            gone.complete(null);
        }
    }

    @Override
    public void start(ChannelListener newListener) {
        listener = newListener;
        context.executor().execute(this::deliver);
    }

    @Override
    public void request(long messages) {
        requested = requested + messages < 0 ? Long.MAX_VALUE : requested + messages;
        context.executor().execute(this::deliver);
    }

    @Override
    public CompletionStage<Void> send(Message message) {
        if (reason != null) {
            return CompletableFuture.failedStage(new SyncException(ErrorKind.CLOSED, "the channel is closed"));
        }
        if (message.size() > MAX) {
            return CompletableFuture.failedStage(
                    new SyncException(ErrorKind.LIMIT_EXCEEDED, "a message of " + message.size() + " bytes"));
        }
        sent.accept(message);
        bench.tell(alpha, message);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public int maxMessageBytes() {
        return MAX;
    }

    @Override
    public Optional<PeerIdentity> peer() {
        return Optional.empty();
    }

    @Override
    public Optional<byte[]> binding() {
        return Optional.empty();
    }

    @Override
    public String remote() {
        return alpha;
    }

    @Override
    public CompletionStage<Void> close() {
        if (reason == null) {
            bench.tellClosed(alpha);
        }
        ended(CloseReason.LOCAL);
        return gone;
    }

    @Override
    public void abort(SyncException why) {
        if (reason == null) {
            bench.tellClosed(alpha);
        }
        ended(CloseReason.aborted(why));
    }
}
