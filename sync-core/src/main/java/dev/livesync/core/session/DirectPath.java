package dev.livesync.core.session;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One end's half of the exchange that leads to a direct channel, and that channel until somebody takes it. When it is closed, nothing of it
 * stays open, whatever was under way. Called in the mailbox, but {@link #close}, which any thread may call.
 */
final class DirectPath {
    /** Learns how it goes, in the mailbox. Nothing comes after {@link #close}. */
    interface PathListener {
        /** Our signal is ready for the peer. */
        void signalled(Signal signal);

        /** The channel is open; nobody has started it. */
        void opened(Channel channel);

        /** It came to nothing. */
        void failed(SyncException why);
    }

    private final Executor executor;
    private final Executor mailbox;
    private final Introducer introducer;
    private final PathListener progress;
    private final List<Consumer<SyncException>> held = new ArrayList<>();
    private @Nullable SyncException closed;
    private boolean taken;
    private SignallingTransport.@Nullable Offer offer;

    /**
     * Makes a path that leads nowhere yet.
     *
     * @param executor for what takes a while; it takes every task
     * @param mailbox where progress is told
     */
    DirectPath(Executor executor, Executor mailbox, Introducer introducer, PathListener progress) {
        this.executor = executor;
        this.mailbox = mailbox;
        this.introducer = introducer;
        this.progress = progress;
    }

    /** Makes an offer. */
    void offer() {
        step(() -> await(
                introducer.open().offer(),
                half -> {
                    offer = half;
                    progress.signalled(half.signal());
                },
                half -> abandon(half::close)));
    }

    /** Completes our offer. */
    void connect(Signal answer) {
        SignallingTransport.Offer half = offer;
        if (half == null) {
            throw new IllegalStateException("there is no offer");
        }
        step(() -> await(half.connect(answer), progress::opened, this::abort));
    }

    /** Answers the peer's offer. */
    void accept(Signal signal) {
        step(() -> await(
                introducer.open().accept(signal),
                half -> {
                    progress.signalled(half.signal());
                    step(() -> await(half.channel(), progress::opened, this::abort));
                },
                half -> abandon(half::close)));
    }

    /** The channel has an owner, and is not ended with the rest. */
    void take() {
        synchronized (held) {
            taken = true;
        }
    }

    /** Lets go of everything. Idempotent. */
    void close(SyncException reason) {
        List<Consumer<SyncException>> ending;
        synchronized (held) {
            if (closed != null) {
                return;
            }
            closed = reason;
            ending = List.copyOf(held);
            held.clear();
        }
        ending.forEach(each -> each.accept(reason));
    }

    private void step(Runnable step) {
        executor.execute(() -> {
            if (isClosed()) {
                return;
            }
            try {
                step.run();
            } catch (RuntimeException | LinkageError e) {
                failed(e);
            }
        });
    }

    private <T> void await(CompletionStage<T> stage, Consumer<T> then, Consumer<T> discard) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        hold(reason -> future.cancel(false));
        var unused = future.whenComplete((value, thrown) -> {
            if (thrown != null) {
                failed(thrown);
            } else {
                hold(reason -> discard.accept(value));
                tell(() -> then.accept(value));
            }
        });
    }

    private void failed(Throwable thrown) {
        SyncException why = SyncFailures.of("looking for a direct path over " + introducer.transport(), thrown);
        tell(() -> progress.failed(why));
    }

    private void tell(Runnable news) {
        mailbox.execute(() -> {
            if (!isClosed()) {
                news.run();
            }
        });
    }

    private boolean isClosed() {
        synchronized (held) {
            return closed != null;
        }
    }

    private void hold(Consumer<SyncException> undo) {
        SyncException reason;
        synchronized (held) {
            reason = closed;
            if (reason == null) {
                held.add(undo);
                return;
            }
        }
        undo.accept(reason);
    }

    /** Elsewhere, since it may take a moment. */
    private void abandon(Runnable half) {
        executor.execute(half);
    }

    private void abort(Channel channel) {
        SyncException reason;
        synchronized (held) {
            reason = closed;
            if (taken || reason == null) {
                return;
            }
        }
        channel.abort(reason);
    }
}
