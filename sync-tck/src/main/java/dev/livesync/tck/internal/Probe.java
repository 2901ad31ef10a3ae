package dev.livesync.tck.internal;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A listener that keeps everything and notices every broken rule, whatever the test is about. */
public final class Probe implements ChannelListener {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * A rule that the channel has broken.
     *
     * @param rule the rule's id
     * @param what what came
     * @param check where to look; may be empty
     */
    public record Broken(String rule, String what, String check) {}

    private final Channel channel;
    private final Duration patience;
    private final Consumer<Message> reaction;

    // Guarded by this.
    private final List<Message> messages = new ArrayList<>();
    private final List<CloseReason> closes = new ArrayList<>();
    private final List<Broken> violations = new ArrayList<>();
    private long requested;
    private @Nullable Thread inside;
    private boolean missed;

    /**
     * Makes one that is not started.
     *
     * @param channel to listen to
     * @param patience how long it waits for what has to come
     * @param reaction what to do on each message
     */
    public Probe(Channel channel, Duration patience, Consumer<Message> reaction) {
        this.channel = channel;
        this.patience = patience;
        this.reaction = reaction;
    }

    /** Starts a channel and allows so many messages; 0 for none. */
    public static Probe on(Channel channel, long demand) {
        return on(channel, demand, message -> {});
    }

    /** The same, with something to do on each message. */
    public static Probe on(Channel channel, long demand, Consumer<Message> reaction) {
        Probe probe = new Probe(channel, PATIENCE, reaction);
        channel.start(probe);
        if (demand > 0) {
            probe.request(demand);
        }
        return probe;
    }

    /** One that is not started yet. */
    public static Probe idle(Channel channel) {
        return new Probe(channel, PATIENCE, message -> {});
    }

    /** Allows some more messages. */
    public void request(long more) {
        synchronized (this) {
            requested = requested + more < 0 ? Long.MAX_VALUE : requested + more;
        }
        channel.request(more);
    }

    /** The channel that it listens to. */
    public Channel channel() {
        return channel;
    }

    @Override
    public void onMessage(Message message) {
        enter();
        synchronized (this) {
            messages.add(message);
            check(closes.isEmpty(), "T7.1", "a message came after onClosed", "onClosed is the last callback");
            check(
                    messages.size() <= requested,
                    requested == 0 ? "T5.1" : "T5.2",
                    messages.size() + " messages were delivered, " + requested + " requested",
                    "count what request() allows, and deliver only while the count is above zero");
            notifyAll();
        }
        try {
            reaction.accept(message);
        } finally {
            leave();
        }
    }

    @Override
    public void onClosed(CloseReason reason) {
        enter();
        synchronized (this) {
            closes.add(reason);
            check(closes.size() == 1, "T7.1", "onClosed was called " + closes.size() + " times: " + closes, "");
            notifyAll();
        }
        leave();
    }

    private synchronized void enter() {
        Thread other = inside;
        Thread current = Thread.currentThread();
        check(
                other == null || other == current,
                "T6.1",
                "two callbacks at once, on " + current + " and on " + other,
                "run callbacks of one channel one after the other, on whatever thread");
        check(
                other != current,
                "T6.2",
                "a callback began inside another, on " + current,
                "request(), send() and close() may only leave work behind, not do it");
        inside = current;
    }

    private synchronized void leave() {
        inside = null;
    }

    private void check(boolean kept, String rule, String what, String check) {
        if (!kept && violations.stream().noneMatch(violation -> violation.rule().equals(rule))) {
            violations.add(new Broken(rule, channel.remote() + ": " + what, check));
        }
    }

    /** The rules that it has seen broken, each once. */
    public synchronized List<Broken> violations() {
        return List.copyOf(violations);
    }

    /** What has come so far. */
    public synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    /** How many have come so far. */
    public synchronized int count() {
        return messages.size();
    }

    /** Whether onClosed was called. */
    public synchronized boolean isClosed() {
        return !closes.isEmpty();
    }

    /** Whether a test has waited in vain for the close, and so has said already that it is missing. */
    public synchronized boolean isMissed() {
        return missed;
    }

    /** Waits for so many messages in all, or the end. */
    public synchronized List<Message> await(int count) {
        waitFor(() -> messages.size() >= count || !closes.isEmpty());
        if (messages.size() < count) {
            throw new AssertionError(messages.size() + " of " + count + " messages came from " + channel.remote()
                    + (closes.isEmpty() ? " in " + patience : " before it ended: " + closes.get(0)));
        }
        return List.copyOf(messages);
    }

    /** Waits for the close. */
    public synchronized CloseReason awaitClose() {
        waitFor(() -> !closes.isEmpty());
        if (closes.isEmpty()) {
            missed = true;
            throw new AssertionError(
                    "onClosed was not called in " + patience + " on the channel to " + channel.remote());
        }
        return closes.get(0);
    }

    private void waitFor(BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience.toNanos();
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
