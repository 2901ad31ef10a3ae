package dev.livesync.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A listener that keeps everything and notices every broken rule. */
public final class Probe implements ChannelListener {
    private static final long PATIENCE_MILLIS = 30_000;

    private final Channel channel;
    private final Consumer<Message> reaction;
    private final AtomicInteger inside = new AtomicInteger();

    // Guarded by this.
    private final List<Message> messages = new ArrayList<>();
    private final List<CloseReason> closes = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private long requested;

    private Probe(Channel channel, Consumer<Message> reaction) {
        this.channel = channel;
        this.reaction = reaction;
    }

    /** Starts a channel and allows so many messages; 0 for none. */
    public static Probe on(Channel channel, long demand) {
        return on(channel, demand, message -> {});
    }

    /** The same, with something to do on each message. */
    public static Probe on(Channel channel, long demand, Consumer<Message> reaction) {
        Probe probe = new Probe(channel, reaction);
        channel.start(probe);
        if (demand > 0) {
            probe.request(demand);
        }
        return probe;
    }

    /** A probe that is not started yet. */
    public static Probe idle(Channel channel) {
        return new Probe(channel, message -> {});
    }

    public void request(long more) {
        synchronized (this) {
            requested = requested + more < 0 ? Long.MAX_VALUE : requested + more;
        }
        channel.request(more);
    }

    public Channel channel() {
        return channel;
    }

    @Override
    public void onMessage(Message message) {
        enter();
        synchronized (this) {
            messages.add(message);
            check(closes.isEmpty(), "a message after the close");
            check(messages.size() <= requested, "a message that was not requested");
            notifyAll();
        }
        try {
            reaction.accept(message);
        } finally {
            inside.decrementAndGet();
        }
    }

    @Override
    public void onClosed(CloseReason reason) {
        enter();
        synchronized (this) {
            closes.add(reason);
            check(closes.size() == 1, "a second close");
            notifyAll();
        }
        inside.decrementAndGet();
    }

    private void enter() {
        if (inside.incrementAndGet() != 1) {
            synchronized (this) {
                check(false, "two callbacks at once");
            }
        }
    }

    private void check(boolean kept, String rule) {
        if (!kept) {
            violations.add(rule);
        }
    }

    public synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    public synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    public synchronized boolean isClosed() {
        return !closes.isEmpty();
    }

    /** Waits for so many messages in all. */
    public synchronized List<Message> await(int count) {
        waitFor(() -> messages.size() >= count || !closes.isEmpty());
        assertThat(messages.size())
                .as("messages at %s, of which at least %d were awaited; closed: %s", channel.remote(), count, closes)
                .isGreaterThanOrEqualTo(count);
        return List.copyOf(messages);
    }

    /** Waits for the close. */
    public synchronized CloseReason awaitClose() {
        waitFor(() -> !closes.isEmpty());
        assertThat(closes).as("the close of %s", channel.remote()).hasSize(1);
        return closes.get(0);
    }

    private void waitFor(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        try {
            while (!condition.getAsBoolean()) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return;
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }
}
