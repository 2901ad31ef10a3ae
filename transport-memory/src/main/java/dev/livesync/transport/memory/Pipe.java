package dev.livesync.transport.memory;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a link: the messages on the way, and those that have arrived and wait to be read. Guarded by the link's lock; actions
 * that have to run outside of it are added to {@code after}.
 */
final class Pipe {
    /** A message, or the end behind it. */
    private record Parcel(
            @Nullable Message message, @Nullable CloseReason end) {}

    private final MemoryLink link;
    private final MemoryLink.Side sender;
    private final MemoryConfiguration receiving;

    private final Deque<Parcel> transit = new ArrayDeque<>();
    private final Deque<Message> arrived = new ArrayDeque<>();
    private long bytes;
    /** The bytes that have arrived and were not read. */
    private long unreadBytes;

    /** How many parcels at the head of {@link #transit} have passed their delay. */
    private int due;

    private long sent;
    private long allowed = Long.MAX_VALUE;
    private boolean held;
    private boolean silenced;
    private boolean unread;
    private @Nullable Supplier<Duration> delay;
    private @Nullable SyncException failNext;

    Pipe(MemoryLink link, MemoryLink.Side sender, MemoryConfiguration receiving) {
        this.link = link;
        this.sender = sender;
        this.receiving = receiving;
    }

    /** Applies the planned faults to one more message; null if it may be sent. */
    @Nullable
    SyncException admit() {
        SyncException planned = failNext;
        if (planned == null && ++sent > allowed) {
            planned = link.broken("it was cut after " + allowed + " messages");
        }
        return planned;
    }

    void put(Message message, List<Runnable> after) {
        bytes += message.size();
        depart(new Parcel(message, null), after);
    }

    /** Sends the end behind everything on the way, or instead of it. */
    void end(CloseReason reason, boolean drop, List<Runnable> after) {
        if (drop) {
            transit.forEach(parcel -> bytes -= sizeOf(parcel));
            transit.clear();
            due = 0;
        }
        depart(new Parcel(null, reason), after);
    }

    /** Whether the sender may send again; without backpressure always. */
    boolean hasRoom() {
        return !receiving.backpressure() || !isFull();
    }

    boolean isFull() {
        return transit.size() + arrived.size() >= receiving.bufferMessages() || bytes >= receiving.bufferBytes();
    }

    /** The next message to deliver; null if there is none, or if a fault keeps it from being read. */
    @Nullable
    Message poll() {
        if (unread) {
            return null;
        }
        Message message = arrived.poll();
        if (message != null) {
            bytes -= message.size();
            unreadBytes -= message.size();
        }
        return message;
    }

    boolean nothingArrived() {
        return arrived.isEmpty();
    }

    /** Drops what has arrived, because its reader is gone. */
    void discard() {
        bytes -= unreadBytes;
        unreadBytes = 0;
        arrived.clear();
    }

    long sent() {
        return sent;
    }

    void allow(long more) {
        allowed = Math.addExact(sent, more);
    }

    void failNext(SyncException failure) {
        failNext = failure;
    }

    void unread(boolean value) {
        unread = value;
    }

    void hold() {
        held = true;
    }

    /** Holds everything for ever. */
    void silence() {
        silenced = true;
    }

    void release(List<Runnable> after) {
        held = false;
        arrive(after);
    }

    void release(int parcels, List<Runnable> after) {
        for (int i = 0; i < parcels && due > 0 && !silenced; i++) {
            arriveOne(after);
        }
    }

    void delay(@Nullable Supplier<Duration> by) {
        delay = by;
    }

    private void depart(Parcel parcel, List<Runnable> after) {
        boolean allDue = due == transit.size();
        transit.add(parcel);
        Supplier<Duration> by = delay;
        if (by == null && allDue) {
            due++;
            arrive(after);
            return;
        }
        // Without a delay but behind a delayed one: nothing overtakes, so it waits for a timer of its own.
        Duration wait = by == null ? Duration.ZERO : by.get();
        Scheduler scheduler = link.end(sender).context().scheduler();
        after.add(() -> scheduler.schedule(wait, () -> link.act(this::timeUp)));
    }

    private void timeUp(List<Runnable> after) {
        if (due < transit.size()) {
            due++;
            arrive(after);
        }
    }

    private void arrive(List<Runnable> after) {
        while (!held && !silenced && due > 0) {
            arriveOne(after);
        }
    }

    private void arriveOne(List<Runnable> after) {
        Parcel parcel = transit.remove();
        due--;
        MemoryChannel receiver = link.end(sender.other());
        Message message = parcel.message();
        if (message == null) {
            receiver.endArrived(Objects.requireNonNull(parcel.end()), after);
            return;
        }
        if (receiver.takes(message, overflows(receiver, message), after)) {
            arrived.add(message);
            unreadBytes += message.size();
        } else {
            bytes -= message.size();
            link.end(sender).roomMade(after);
        }
    }

    /** Without backpressure: whether more would wait to be read than a peer that keeps to its credit can send. */
    private boolean overflows(MemoryChannel receiver, Message message) {
        long limit = receiver.context().inboundQueueBytes();
        // Empty messages cost no credit, but a place in the queue.
        return !receiving.backpressure() && (unreadBytes + message.size() > limit || arrived.size() >= limit);
    }

    private static int sizeOf(Parcel parcel) {
        Message message = parcel.message();
        return message == null ? 0 : message.size();
    }
}
