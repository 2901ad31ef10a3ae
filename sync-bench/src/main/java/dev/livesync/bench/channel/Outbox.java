package dev.livesync.bench.channel;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Serialises sends, because a channel takes one at a time. Unbounded: whoever fills it keeps count. Any thread. */
public final class Outbox {
    private final Channel channel;
    private final Queue<Message> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private volatile boolean sending;

    /**
     * An outbox with nothing in it.
     *
     * @param channel open; only this outbox sends on it
     */
    public Outbox(Channel channel) {
        this.channel = channel;
    }

    /**
     * Sends a message after those before it.
     *
     * @param message the message
     */
    public void send(Message message) {
        waiting.add(message);
        pump();
    }

    /**
     * Tells when it is over.
     *
     * @return completes exceptionally with the first send that fails, otherwise never
     */
    public CompletableFuture<Void> failure() {
        return failure;
    }

    // A send may complete before it returns: the counter turns what would be recursion into a loop.
    private void pump() {
        if (calls.getAndIncrement() != 0) {
            return;
        }
        do {
            Message message = sending ? null : waiting.poll();
            if (message != null) {
                sending = true;
                var unused = channel.send(message).whenComplete((sent, e) -> {
                    if (e != null) {
                        failure.completeExceptionally(e);
                    } else {
                        sending = false;
                        pump();
                    }
                });
            }
        } while (calls.decrementAndGet() != 0);
    }
}
