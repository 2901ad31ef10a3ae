package dev.livesync.bench.process;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What is under way on a link: what goes in comes out a fixed time later, in the same order and however much is under way. So it delays as distance
 * does, not as a slow line. Any thread; one puts and one takes.
 */
final class DelayLine {
    /** More than any link of these workloads holds; whoever puts waits beyond it, as a sender does whose window is full. */
    private static final long MOST_BYTES = 1L << 28;

    /**
     * Something under way.
     *
     * @param due when it is there, by {@link System#nanoTime}
     * @param bytes empty at the end of the stream
     * @param hops how many messages led to it, itself included
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Chunk(long due, byte[] bytes, int hops) {}

    private final Deque<Chunk> underWay = new ArrayDeque<>();
    private final long delayNanos;
    private long bytes;
    private boolean broken;

    DelayLine(long delayNanos) {
        this.delayNanos = delayNanos;
    }

    /** Adds bytes, or the end of the stream if there are none. Answers false if nobody takes any more. */
    synchronized boolean put(byte[] more, int hops) throws InterruptedException {
        while (bytes > MOST_BYTES && !broken) {
            wait();
        }
        if (broken) {
            return false;
        }
        underWay.add(new Chunk(System.nanoTime() + delayNanos, more, hops));
        bytes += more.length;
        notifyAll();
        return true;
    }

    /** Waits for what is due next; null once the line is broken. */
    synchronized @Nullable Chunk take() throws InterruptedException {
        while (!broken) {
            Chunk next = underWay.peek();
            long wait = next == null ? Long.MAX_VALUE : next.due() - System.nanoTime();
            if (wait <= 0) {
                Chunk due = underWay.remove();
                bytes -= due.bytes().length;
                notifyAll();
                return due;
            }
            if (next == null) {
                wait();
            } else {
                wait(wait / 1_000_000, (int) (wait % 1_000_000));
            }
        }
        return null;
    }

    /** Drops what is under way; nothing comes out any more. */
    synchronized void cut() {
        broken = true;
        underWay.clear();
        notifyAll();
    }
}
