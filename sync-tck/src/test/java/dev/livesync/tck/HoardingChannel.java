package dev.livesync.tck;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Takes empty messages while the wire is full, any number of them, and sends them later, before whatever comes after them. */
final class HoardingChannel extends Wrapped.End {
    private record Waiting(Message message, CompletableFuture<Void> stage) {}

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    // Guarded by this.
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private CompletableFuture<Void> last = DONE;
    private CompletableFuture<Void> outstanding = DONE;

    HoardingChannel(Channel real) {
        super(real);
    }

    @Override
    public synchronized CompletionStage<Void> send(Message message) {
        boolean full = !waiting.isEmpty() || !last.isDone();
        if (message == null || !full || message.size() > maxMessageBytes()) {
            return pass(message);
        }
        if (message.size() > 0 || !outstanding.isDone()) {
            if (waiting.isEmpty() || !outstanding.isDone()) {
                throw new IllegalStateException("the send before has not completed");
            }
            outstanding = new CompletableFuture<>();
            waiting.add(new Waiting(message, outstanding));
            return outstanding;
        }
        waiting.add(new Waiting(message, DONE));
        return DONE;
    }

    private CompletableFuture<Void> pass(Message message) {
        last = super.send(message).toCompletableFuture();
        if (message != null && message.size() > 0) {
            outstanding = last;
        }
        if (!last.isDone()) {
            var unused = last.whenComplete((done, failure) -> flush(failure));
        }
        return message != null && message.size() == 0 && !last.isCompletedExceptionally() ? DONE : last;
    }

    private void flush(Throwable failure) {
        while (true) {
            Waiting next;
            CompletableFuture<Void> sent;
            synchronized (this) {
                next = waiting.poll();
                if (next == null) {
                    return;
                }
                if (failure != null) {
                    next.stage().completeExceptionally(failure);
                    continue;
                }
                sent = super.send(next.message()).toCompletableFuture();
                last = sent;
                if (!sent.isDone()) {
                    var unused = sent.whenComplete((done, e) -> {
                        complete(next.stage(), e);
                        flush(e);
                    });
                    return;
                }
            }
            complete(next.stage(), null);
        }
    }

    private static void complete(CompletableFuture<Void> stage, Throwable failure) {
        if (failure == null) {
            stage.complete(null);
        } else {
            stage.completeExceptionally(failure);
        }
    }
}
