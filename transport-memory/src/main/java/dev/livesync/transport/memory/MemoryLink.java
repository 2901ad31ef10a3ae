package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Digests;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a {@link MemoryNetwork}, seen from the wire: the handle by which a test breaks it. Obtained from {@link
 * MemoryFaults}.
 *
 * <p>Any thread. Every method takes effect at once and between two messages; none of them blocks.
 */
public final class MemoryLink {
    /** One of the two ends. */
    public enum Side {
        /** Who dialled; in the signalling shape, who accepted the offer. */
        DIALER,
        /** Who listened; in the signalling shape, who made the offer. */
        LISTENER;

        /**
         * The side across.
         *
         * @return the opposite of this
         */
        public Side other() {
            return this == DIALER ? LISTENER : DIALER;
        }
    }

    private final long number;
    private final String address;
    private final MemoryChannel dialer;
    private final MemoryChannel listener;
    private final Consumer<MemoryLink> onGone;

    private final Object lock = new Object();
    private @Nullable BiConsumer<Side, Message> tap;
    private boolean splitBinding;

    MemoryLink(long number, String address, MemoryEnd dialing, MemoryEnd listening, Consumer<MemoryLink> onGone) {
        this.number = number;
        this.address = address;
        this.onGone = onGone;
        Pipe toListener = new Pipe(this, Side.DIALER, listening.configuration());
        Pipe toDialer = new Pipe(this, Side.LISTENER, dialing.configuration());
        this.dialer = new MemoryChannel(this, Side.DIALER, dialing, listening, toDialer, toListener);
        this.listener = new MemoryChannel(this, Side.LISTENER, listening, dialing, toListener, toDialer);
    }

    /**
     * Which connection of its network it is.
     *
     * @return 1 for the first, and so on
     */
    public long number() {
        return number;
    }

    /**
     * What was dialled, or the offer's name.
     *
     * @return the address
     */
    public String address() {
        return address;
    }

    /**
     * How many messages a side has sent so far.
     *
     * @param sender whose
     * @return messages, those on the way included
     */
    public long sent(Side sender) {
        synchronized (lock) {
            return end(sender).out().sent();
        }
    }

    /** Breaks the connection: both ends fail with {@link ErrorKind#DISCONNECTED}. What is on the way is lost. */
    public void cut() {
        act(after -> breakDown(broken("it was cut"), after));
    }

    /**
     * Lets a side send so many messages more; the next send fails and breaks the connection, as {@link #cut} does. What
     * was sent before it has arrived, unless it was held or delayed.
     *
     * @param sender whose messages count
     * @param messages 0 or more
     */
    public void cutAfter(Side sender, long messages) {
        if (messages < 0) {
            throw new IllegalArgumentException("messages must not be negative");
        }
        act(after -> end(sender).out().allow(messages));
    }

    /**
     * Makes a side's next send fail, and the connection with it.
     *
     * @param sender whose send
     * @param failure what the sender is told; the peer sees {@link ErrorKind#DISCONNECTED}
     */
    public void failNextSend(Side sender, SyncException failure) {
        act(after -> end(sender).out().failNext(failure));
    }

    /**
     * Keeps what a side sends on the way, its close included, until it is released. A full buffer makes its sends wait.
     *
     * @param sender whose messages
     */
    public void hold(Side sender) {
        act(after -> end(sender).out().hold());
    }

    /**
     * Lets everything held arrive, and what comes after it.
     *
     * @param sender whose messages
     */
    public void release(Side sender) {
        act(after -> end(sender).out().release(after));
    }

    /**
     * Lets the oldest of what is held arrive, and goes on holding.
     *
     * @param sender whose messages
     * @param messages at most how many; an end counts as one
     */
    public void release(Side sender, int messages) {
        act(after -> end(sender).out().release(messages, after));
    }

    /**
     * Delays what a side sends from now on, its close included, by the sender's scheduler. Order is kept: nothing arrives
     * before what was sent earlier.
     *
     * @param sender whose messages
     * @param delay asked once for each message
     */
    public void delay(Side sender, Supplier<Duration> delay) {
        act(after -> end(sender).out().delay(delay));
    }

    /** Makes the connection half-open: from now on nothing arrives at either end, and neither is told. */
    public void silence() {
        act(after -> {
            dialer.out().silence();
            listener.out().silence();
        });
    }

    /**
     * Makes a side read nothing more, whatever it requests, so that its peer's sends come to wait.
     *
     * @param reader who stops
     */
    public void stopReading(Side reader) {
        act(after -> end(reader.other()).out().unread(true));
    }

    /**
     * Ends {@link #stopReading}.
     *
     * @param reader who reads again
     */
    public void resumeReading(Side reader) {
        act(after -> {
            end(reader.other()).out().unread(false);
            end(reader).wake(after);
        });
    }

    /**
     * Puts a forged message on the wire, as if a side had sent it. Not counted, not tapped, never refused for want of room.
     *
     * @param sender in whose name
     * @param message what the other side gets
     */
    public void inject(Side sender, Message message) {
        act(after -> end(sender).out().put(message, after));
    }

    /**
     * Reads along: every message, as it is sent, before it can arrive.
     *
     * @param reader gets the sender and the message; must be quick, not throw and not call this link; replaces the one before
     */
    public void tap(BiConsumer<Side, Message> reader) {
        act(after -> tap = reader);
    }

    /** Gives the two ends different bindings, as somebody in the middle would. Call it before the channels are used. */
    public void splitBinding() {
        act(after -> splitBinding = true);
    }

    @Override
    public String toString() {
        return "link " + number + " of " + address;
    }

    /** Changes the link's state under its lock, then does what has to be done outside of it. */
    void act(Consumer<List<Runnable>> change) {
        List<Runnable> after = new ArrayList<>(4);
        synchronized (lock) {
            change.accept(after);
        }
        after.forEach(Runnable::run);
    }

    <T extends @Nullable Object> T compute(Function<List<Runnable>, T> change) {
        List<Runnable> after = new ArrayList<>(4);
        T result;
        synchronized (lock) {
            result = change.apply(after);
        }
        after.forEach(Runnable::run);
        return result;
    }

    MemoryChannel end(Side side) {
        return side == Side.DIALER ? dialer : listener;
    }

    /** Fails both ends; under the lock. */
    void breakDown(SyncException failure, List<Runnable> after) {
        dialer.out().end(CloseReason.failed(failure), true, after);
        listener.out().end(CloseReason.failed(failure), true, after);
        dialer.ended(CloseReason.failed(failure), after);
        listener.ended(CloseReason.failed(failure), after);
    }

    void tapped(Side sender, Message message) {
        BiConsumer<Side, Message> reader = tap;
        if (reader != null) {
            reader.accept(sender, message);
        }
    }

    /** Removes the link from the network once neither end is open; under the lock. */
    void endGone(List<Runnable> after) {
        if (dialer.isEnded() && listener.isEnded()) {
            after.add(() -> onGone.accept(this));
        }
    }

    SyncException broken(String how) {
        return new SyncException(ErrorKind.DISCONNECTED, "the connection " + address + "#" + number + " broke: " + how);
    }

    byte[] binding(Side side) {
        boolean split;
        synchronized (lock) {
            split = splitBinding;
        }
        String seed = address + '#' + number + (split ? side : "");
        return Digests.sha256(seed.getBytes(StandardCharsets.UTF_8));
    }
}
