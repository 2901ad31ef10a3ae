package dev.livesync.transport.websocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits to be written to one wire, in order. Any thread adds to it; whoever holds its lock writes.
 *
 * <p>Mostly that is the loop, which gathers what has come together. But a small message that finds nothing before it is written by
 * its sender, once for each time that something was read: question and answer need no other thread, while whoever sends more
 * than it reads keeps the loop's few large writes. The lock is held for one write that doesn't block.
 */
final class WriteQueue {
    private static final int WRITES_A_TURN = 32;

    /** What a sender writes itself at most. It is copied once more than on the loop's way. */
    private static final int AT_ONCE_BYTES = 8 * 1024;

    private final Wire wire;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Outgoing> queue = new ConcurrentLinkedQueue<>();

    /** The head of the queue, being written. Under the lock. */
    private final Deque<Outgoing> writing = new ArrayDeque<>();

    private final AtomicLong buffered = new AtomicLong();
    private final AtomicBoolean permit = new AtomicBoolean();

    WriteQueue(Wire wire) {
        this.wire = wire;
    }

    /** How many bytes wait. Any thread. */
    long buffered() {
        return buffered.get();
    }

    /** The next message may be written by its sender. */
    void permit() {
        permit.set(true);
    }

    /** Puts bytes behind all others, for the loop to {@link #write}. Any thread. */
    void add(Outgoing bytes) {
        buffered.addAndGet(bytes.remaining());
        queue.add(bytes);
    }

    /**
     * The same, or writes them where that is possible here and now. Any thread.
     *
     * @return whether something is left for the loop
     */
    boolean addOrWrite(Outgoing bytes) {
        if (!mayBeWrittenHere(bytes) || !lock.tryLock()) {
            add(bytes);
            return true;
        }
        try {
            if (!writing.isEmpty() || !queue.isEmpty()) {
                add(bytes);
                return true;
            }
            ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
            bytes.copyTo(copy);
            buffered.addAndGet(bytes.remaining());
            writing.add(bytes);
            return !written(copy.flip());
        } finally {
            lock.unlock();
        }
    }

    private boolean mayBeWrittenHere(Outgoing bytes) {
        return wire.isForAnyThread()
                && bytes.remaining() <= AT_ONCE_BYTES
                && !Thread.currentThread().isInterrupted() // which might close the socket
                && permit.compareAndSet(true, false);
    }

    private boolean written(ByteBuffer copy) {
        try {
            took(wire.write(copy));
            return writing.isEmpty();
        } catch (IOException | OutOfMemoryError e) {
            return false; // the loop will meet it, too, and knows whom to tell
        }
    }

    /**
     * Writes what the wire takes, up to a turn's share. The loop's.
     *
     * @return whether that was anything
     */
    boolean write() throws IOException {
        lock.lock();
        try {
            boolean wrote = false;
            wire.flush();
            for (int i = 0; i < WRITES_A_TURN && !wire.hasOutput(); i++) {
                ByteBuffer output = wire.output();
                fill(output);
                int taken = output.flip().hasRemaining() ? wire.write(output) : 0;
                took(taken);
                if (taken == 0) {
                    break;
                }
                wrote = true;
            }
            return wrote;
        } finally {
            lock.unlock();
        }
    }

    private void fill(ByteBuffer output) {
        for (Outgoing each : writing) {
            each.copyTo(output);
            if (!output.hasRemaining()) {
                return;
            }
        }
        Outgoing next;
        while (output.hasRemaining() && (next = queue.poll()) != null) {
            writing.add(next);
            next.copyTo(output);
        }
    }

    private void took(int bytes) {
        buffered.addAndGet(-bytes);
        int left = bytes;
        while (left > 0) {
            Outgoing first = writing.getFirst();
            int part = Math.min(left, first.remaining());
            first.skip(part);
            left -= part;
            if (first.remaining() == 0) {
                writing.removeFirst();
            }
        }
    }

    /** Forgets what waits. */
    void drop() {
        lock.lock();
        try {
            writing.clear();
            queue.clear();
            buffered.set(0);
        } finally {
            lock.unlock();
        }
    }
}
