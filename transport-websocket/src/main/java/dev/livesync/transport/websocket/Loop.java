package dev.livesync.transport.websocket;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a transport: it waits for sockets and runs what others ask of it.
 *
 * <p>No wake-up can be lost, by construction rather than by repair. Interest in a socket is only ever changed on this thread,
 * so nobody overwrites what another has just asked for; other threads leave a task instead. A task is added before {@link
 * #woken} is read, and the flag is cleared before tasks are taken: so whoever finds the flag set left its task in time to
 * be taken in this very round, and whoever sets it wakes the selector, whose wake-ups stick until the next select. A select in
 * the middle of a round, for a socket's end, wakes the selector again. Besides, the loop does not wait while tasks are left.
 *
 * <p>An Error in a task or at a socket, such as the one that a full heap gives, ends the connection that it is about and nothing
 * else. A selector that fails ends everything registered with it, each with an error of its own, and {@link #failure} for whoever comes later.
 */
final class Loop implements Executor {
    private static final System.Logger LOG = System.getLogger(Loop.class.getName());
    private static final AtomicLong NUMBERS = new AtomicLong();

    /** How much is read at once; shared by all connections, since what was read is consumed before the next read. */
    static final int READ_BYTES = 64 * 1024;

    /** How much is written at once. What the socket then doesn't take is copied again. */
    private static final int WRITE_BYTES = 128 * 1024;

    /** How much is encrypted at once: two TLS records. */
    private static final int PLAIN_TEXT_BYTES = 2 * 16 * 1024;

    /** A selector that fails for so long won't work again. */
    private static final int ERRORS_IN_A_ROW = 100;

    /** After so many tasks the sockets get their turn. */
    private static final int TASKS_A_ROUND = 256;

    /** Whoever cares for a socket. */
    interface Handler {
        /** The socket is ready. On the loop's thread. */
        void ready(SelectionKey key);

        /** The loop ends. On the loop's thread; once. */
        void shutDown();
    }

    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    /** The loop's own: what the next round ends with. */
    private final Queue<Runnable> afterSockets = new ArrayDeque<>();

    private final ByteBuffer input = ByteBuffer.allocateDirect(READ_BYTES);
    private final ByteBuffer output = ByteBuffer.allocateDirect(WRITE_BYTES);
    private final ByteBuffer plainText = ByteBuffer.allocate(PLAIN_TEXT_BYTES);
    private volatile boolean closing;
    private volatile @Nullable SyncException failure;

    Loop() {
        this(open());
    }

    /** With a selector that it closes in the end. */
    Loop(Selector selector) {
        this.selector = selector;
        thread = new Thread(this::run, "livesync-websocket-" + NUMBERS.incrementAndGet());
        thread.setDaemon(true);
        thread.start();
    }

    private static Selector open() {
        try {
            return Selector.open();
        } catch (IOException e) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, "this system gives no selector for sockets: " + Failures.text(e), e);
        }
    }

    /** Why it has ended though nobody closed it; null otherwise. Any thread. */
    @Nullable
    SyncException failure() {
        return failure;
    }

    /** Runs a task on the loop's thread, soon; never while this method runs. Ignored once the loop has ended. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (woken.compareAndSet(false, true)) {
            selector.wakeup();
        }
    }

    /** The same, for a handler's sake: a task that fails ends the handler. */
    void execute(Handler handler, Runnable task) {
        execute(() -> guarded(task, handler));
    }

    /**
     * The same once every socket had its turn with what has come to it by now: for deadlines, which a loop that is late finds passed together
     * with bytes that came in time.
     */
    void executeAfterSockets(Handler handler, Runnable task) {
        execute(() -> afterSockets.add(() -> guarded(task, handler)));
    }

    /** Registers a socket without interest in anything; the handler may be attached later. On the loop's thread. */
    SelectionKey register(SelectableChannel socket, @Nullable Handler handler) throws IOException {
        return socket.register(selector, 0, handler);
    }

    /** A cleared buffer for one read; on the loop's thread, and not kept. */
    ByteBuffer input() {
        return input.clear();
    }

    /** A buffer for what one write takes; on the loop's thread, and not kept. */
    ByteBuffer output() {
        return output;
    }

    /** The same for what TLS encrypts, which works on arrays. */
    ByteBuffer plainText() {
        return plainText;
    }

    /**
     * Closes a registered socket and waits until it is really gone: until the selector lets go of it, the system still
     * answers for it. Bounded.
     */
    void closeAndWait(Closeable socket, Duration patience) {
        CountDownLatch gone = new CountDownLatch(1);
        Runnable close = () -> {
            try {
                socket.close();
                if (selector.isOpen()) {
                    selector.selectNow(this::dispatch);
                    selector.wakeup(); // that select may have taken a wake-up, and whoever gave it gives no other
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.TRACE, "closing a socket failed", e);
            } finally {
                gone.countDown();
            }
        };
        if (isLoopThread() || !thread.isAlive()) {
            close.run();
            return;
        }
        execute(close);
        try {
            if (!gone.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "{0} is busy: a socket closes later", thread.getName());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isLoopThread() {
        return Thread.currentThread() == thread;
    }

    /** Ends the thread, and everything registered with it. Bounded. */
    void close(Duration patience) {
        closing = true;
        selector.wakeup();
        if (isLoopThread()) {
            return;
        }
        try {
            thread.join(patience.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.log(System.Logger.Level.WARNING, "{0} is still busy", thread.getName());
        }
    }

    private void run() {
        int errors = 0;
        try {
            while (!closing && failure == null) {
                try {
                    round();
                    errors = 0;
                } catch (IOException | ClosedSelectorException e) {
                    failed(e);
                } catch (Throwable e) {
                    // Such as no memory for a list of keys; the next round may have it. Its tasks and sockets are all
                    // still there.
                    log("a round of the WebSocket transport failed", e);
                    if (++errors == ERRORS_IN_A_ROW) {
                        failed(e);
                    }
                }
            }
        } finally {
            end();
        }
    }

    private void round() throws IOException {
        int due = afterSockets.size();
        try {
            if (tasks.isEmpty() && due == 0) {
                selector.select(this::dispatch);
            } else {
                selector.selectNow(this::dispatch);
            }
        } finally {
            woken.set(false); // a select that fails has taken the wake-up, too
        }
        runTasks();
        for (int i = 0; i < due; i++) {
            afterSockets.remove().run();
        }
    }

    private void failed(Throwable e) {
        failure = new SyncException(
                ErrorKind.INTERNAL,
                "the WebSocket transport has ended, and with it all its connections and listeners, because its selector failed ("
                        + e + "); close this Sync and make another",
                e);
        log("the selector failed; every connection and listener of this transport ends", e);
    }

    private void runTasks() {
        Runnable task;
        for (int i = 0; i < TASKS_A_ROUND && (task = tasks.poll()) != null; i++) {
            guarded(task, null);
        }
    }

    private void dispatch(SelectionKey key) {
        Handler handler = (Handler) key.attachment();
        if (handler != null) {
            guarded(() -> handler.ready(key), handler);
        }
    }

    /** Whatever goes wrong with one connection is not the others' business, nor what goes wrong with its end. */
    private static void guarded(Runnable task, @Nullable Handler handler) {
        try {
            task.run();
        } catch (CancelledKeyException e) {
            LOG.log(System.Logger.Level.TRACE, "a socket was closed meanwhile", e);
        } catch (Throwable e) {
            log("a defect in the WebSocket transport, or no memory", e);
            if (handler != null) {
                guarded(handler::shutDown, null);
            }
        }
    }

    /** Saying so may take memory that isn't there. */
    private static void log(String what, Throwable thrown) {
        try {
            LOG.log(System.Logger.Level.ERROR, what, thrown);
        } catch (Throwable e) {
            thrown.addSuppressed(e);
        }
    }

    private void end() {
        for (SelectionKey key : selector.isOpen() ? selector.keys() : Set.<SelectionKey>of()) {
            Handler handler = (Handler) key.attachment();
            if (handler != null) {
                guarded(handler::shutDown, null);
            }
        }
        while (!tasks.isEmpty()) {
            runTasks();
        }
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing the selector failed", e);
        }
    }
}
