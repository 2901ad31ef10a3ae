package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The proposer's half of an exchange. */
final class MemoryOffer implements SignallingTransport.Offer {
    private final MemoryNetwork network;
    private final MemoryResources resources;
    private final long number;
    private final Consumer<Duration> ending = this::end;

    private @Nullable CompletableFuture<Channel> attempt;
    private boolean closed;

    MemoryOffer(MemoryNetwork network, MemoryResources resources) {
        this.network = network;
        this.resources = resources;
        this.number = network.nextSignal();
    }

    Consumer<Duration> ending() {
        return ending;
    }

    private void end(Duration patience) {
        close();
    }

    @Override
    public Signal signal() {
        return MemorySignals.offer(number);
    }

    @Override
    public CompletionStage<Channel> connect(Signal answer) {
        long wanted;
        try {
            wanted = MemorySignals.answerIn(answer, number);
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Channel> own;
        synchronized (this) {
            if (closed || attempt != null) {
                return CompletableFuture.failedFuture(
                        new SyncException(ErrorKind.CLOSED, "offer " + number + " was used or closed before"));
            }
            own = resources.attempt("answer " + wanted);
            attempt = own;
        }
        // Used, it has nothing left that the transport could end: the attempt and the channel are kept for themselves.
        var unused = own.whenComplete((channel, failure) -> resources.forget(ending));
        network.faults().whenDialsPass(() -> connect(Long.toString(wanted), own));
        return own;
    }

    private void connect(String wanted, CompletableFuture<Channel> own) {
        MemoryAnswer answer = network.answer(wanted);
        if (own.isDone()) {
            return;
        }
        try {
            if (answer == null || !answer.claim()) {
                throw new SyncException(ErrorKind.UNREACHABLE, "nobody waits at answer " + wanted);
            }
            resources.deliver(answer.connect(resources), own);
        } catch (SyncException e) {
            own.completeExceptionally(e);
        }
    }

    @Override
    public void close() {
        CompletableFuture<Channel> own;
        synchronized (this) {
            closed = true;
            own = attempt;
        }
        resources.forget(ending);
        if (own != null) {
            own.completeExceptionally(new SyncException(ErrorKind.CANCELLED, "offer " + number + " was closed"));
        }
    }
}
