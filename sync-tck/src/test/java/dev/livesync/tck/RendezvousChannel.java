package dev.livesync.tck;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.support.Handover;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A channel whose send is done when the peer's listener has returned from its message, and not before: no message is ever on its
 * way behind another. So an answer overtakes the stage of what it answers, and what makes the peer end fails.
 */
final class RendezvousChannel extends Wrapped.End {
    private final TransportContext context;
    /** The sends whose messages are on their way, of both sides. */
    private final Map<Message, CompletableFuture<Void>> sends;

    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    // Guarded by this.
    private CompletableFuture<Void> outstanding = CompletableFuture.completedFuture(null);
    private ChannelListener listener;
    private long requested;
    private boolean closing;
    private CloseReason ended;

    private RendezvousChannel(TransportContext context, Channel real, Map<Message, CompletableFuture<Void>> sends) {
        super(real);
        this.context = context;
        this.sends = sends;
        real.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                read(message);
            }

            @Override
            public void onClosed(CloseReason reason) {
                end(reason);
            }
        });
    }

    static TransportProvider provider(TransportProvider real) {
        Map<Message, CompletableFuture<Void>> sends = Collections.synchronizedMap(new IdentityHashMap<>());
        return PermittedTransports.opening(real, (context, channel) -> new RendezvousChannel(context, channel, sends));
    }

    private void read(Message message) {
        boolean dropped;
        synchronized (this) {
            dropped = closing;
        }
        if (!dropped) {
            listener.onMessage(message);
        }
        CompletableFuture<Void> sent = sends.remove(message);
        if (sent != null) { // otherwise the end has come first
            Handover.to(context.executor(), () -> sent.complete(null));
        }
    }

    private void end(CloseReason reason) {
        ChannelListener told;
        CompletableFuture<Void> failed;
        synchronized (this) {
            ended = reason;
            told = listener;
            failed = outstanding;
        }
        failed.completeExceptionally(gone(reason));
        sends.values().removeIf(each -> each == failed);
        try {
            if (told != null) {
                told.onClosed(reason);
            }
        } finally {
            closed.complete(null);
        }
    }

    private SyncException gone(CloseReason reason) {
        ErrorKind kind = reason.initiator() == CloseReason.Initiator.LOCAL ? ErrorKind.CLOSED : ErrorKind.DISCONNECTED;
        return new SyncException(kind, remote() + " has gone", reason.failure());
    }

    @Override
    public void start(ChannelListener newListener) {
        CloseReason late;
        long before;
        synchronized (this) {
            if (listener != null) {
                throw new IllegalStateException("this channel was started before");
            }
            listener = newListener;
            late = ended;
            before = requested;
        }
        if (late != null) {
            Handover.to(context.executor(), () -> newListener.onClosed(late));
        } else if (before > 0) {
            real.request(before);
        }
    }

    @Override
    public void request(long messages) {
        synchronized (this) {
            if (listener == null && messages > 0) {
                requested = requested + messages < 0 ? Long.MAX_VALUE : requested + messages;
                return;
            }
        }
        real.request(messages);
    }

    @Override
    public CompletionStage<Void> send(Message message) {
        Message copy = new Message(message.kind(), message.payload());
        CompletableFuture<Void> sending = new CompletableFuture<>();
        synchronized (this) {
            if (closing) {
                return CompletableFuture.failedFuture(gone(CloseReason.LOCAL));
            }
            if (!outstanding.isDone()) {
                throw new IllegalStateException("the send before has not completed");
            }
            if (message.size() > maxMessageBytes()) {
                return real.send(message);
            }
            outstanding = sending;
            sends.put(copy, sending);
        }
        var unused = real.send(copy).whenComplete((done, failure) -> {
            if (failure != null && sending.completeExceptionally(failure)) {
                sends.remove(copy);
            }
        });
        return sending;
    }

    @Override
    public CompletionStage<Void> close() {
        CompletableFuture<Void> last;
        synchronized (this) {
            if (closing) {
                return closed.copy();
            }
            closing = true;
            last = outstanding;
        }
        if (last.isDone()) {
            var unused = real.close();
        } else {
            TransportContext.Cancellable timer = context.scheduler()
                    .schedule(
                            context.closeTimeout(),
                            () -> abort(new SyncException(ErrorKind.TIMEOUT, remote() + " does not read to the end")));
            var unused = last.whenComplete((done, failure) -> {
                timer.cancel();
                var unusedClosing = real.close();
            });
        }
        return closed.copy();
    }
}
