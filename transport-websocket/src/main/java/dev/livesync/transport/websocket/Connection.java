package dev.livesync.transport.websocket;

import dev.livesync.api.transport.TransportContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One connected socket: what waits to be written, and who reads. Only {@link #enqueue}, {@link #buffered}, {@link
 * #resumeReading} and the accessors are for any thread; the rest is the loop's.
 *
 * <p>Reading stops while the {@link Reader} wants nothing, and TCP pushes back. Writing never blocks: frames wait in an
 * {@link WriteQueue}, whose length in bytes is what senders are held back by.
 */
final class Connection implements Loop.Handler {
    /** Makes sense of what arrives. All calls on the loop's thread. */
    interface Reader {
        /** Bytes arrived. Takes all of them, unless it has handed over to another reader by {@link Connection#reader}. */
        void onBytes(ByteBuffer bytes);

        /** Nothing more will arrive. Once, and not after the connection was killed. */
        void onEnd(@Nullable IOException failure);

        /** Whether bytes may be read now. Asked after every change. */
        boolean wantsBytes();

        /** Some of the queue was written. */
        default void onWritten() {}

        /** Writing is not possible any more. What the peer sent before may still arrive. */
        default void onOutputBroken(IOException failure) {}

        /** The loop ends, or the reader failed: nothing more will be called. */
        void onShutDown();
    }

    /** So many reads in a row before others get their turn. */
    private static final int READS_A_TURN = 16;

    private final Loop loop;
    private final TransportContext.Scheduler scheduler;
    private final SocketChannel socket;
    private final SelectionKey key;
    private final Wire wire;
    private final String remote;
    private final Runnable onDead;
    private Reader reader;

    private final WriteQueue queue;
    private final AtomicBoolean flushing = new AtomicBoolean();

    private boolean secured;
    private boolean inputEnded;
    private volatile boolean outputBroken;
    private boolean finishing;
    private boolean outputShut;
    private volatile boolean dead;
    private TransportContext.@Nullable Cancellable timer;
    private int timers;

    /**
     * @param wiring makes the wire; its argument is what the wire calls to be advanced
     * @param onDead told once the socket is closed; on the loop's thread
     */
    Connection(
            Loop loop,
            TransportContext.Scheduler scheduler,
            SocketChannel socket,
            SelectionKey key,
            Function<Runnable, Wire> wiring,
            Reader reader,
            Runnable onDead)
            throws IOException {
        this.loop = loop;
        this.scheduler = scheduler;
        this.socket = socket;
        this.key = key;
        this.wire = wiring.apply(() -> loop.execute(this, this::ready));
        this.queue = new WriteQueue(wire);
        this.reader = reader;
        this.onDead = onDead;
        this.remote = Address.of((InetSocketAddress) socket.getRemoteAddress());
        key.attach(this);
    }

    /** Sets what all our connections have: no Nagle, since we gather ourselves, and probes that notice a dead peer. */
    static void configure(SocketChannel socket, Duration probing) throws IOException {
        socket.configureBlocking(false);
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        if (!probing.isZero()) {
            int seconds = (int) Math.min(probing.toSeconds(), 32_767);
            socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            set(socket, "TCP_KEEPIDLE", seconds);
            set(socket, "TCP_KEEPINTERVAL", Math.max(1, seconds / 3));
            set(socket, "TCP_KEEPCOUNT", 3);
        }
    }

    /** By name, as jdk.net has them: not on every platform, and on Android no such class. */
    private static void set(SocketChannel socket, String name, int value) throws IOException {
        for (SocketOption<?> option : socket.supportedOptions()) {
            if (option.name().equals(name) && option.type() == Integer.class) {
                @SuppressWarnings("unchecked") // its type has just been seen
                SocketOption<Integer> number = (SocketOption<Integer>) option;
                socket.setOption(number, value);
            }
        }
    }

    /** Begins, handshake of the wire included. */
    void start() {
        ready();
    }

    /** Where the peer is. */
    String remote() {
        return remote;
    }

    Optional<byte[]> binding() {
        return wire.binding();
    }

    /** Runs a task on the loop's thread; if it fails, so does the connection. */
    void execute(Runnable task) {
        loop.execute(this, task);
    }

    /** Puts bytes behind all others, or drops them where they can't be written any more. Any thread; never blocks. */
    void enqueue(Outgoing bytes) {
        if (dead || outputBroken) {
            return;
        }
        if (loop.isLoopThread()) {
            queue.add(bytes);
            requestFlush();
        } else if (queue.addOrWrite(bytes)) {
            requestFlush();
        }
    }

    /** The same for bytes that are no frame. */
    void enqueue(ByteBuffer bytes) {
        enqueue(new Outgoing(new byte[0], bytes, 0));
    }

    /** How many bytes wait to be written. Any thread. */
    long buffered() {
        return queue.buffered();
    }

    /** The reader wants bytes again. Any thread. */
    void resumeReading() {
        loop.execute(this, this::read);
    }

    /** Hands over to another reader. */
    void reader(Reader next) {
        reader = next;
    }

    /** Whether all has been written that is going to be. */
    boolean isFlushed() {
        return outputBroken || (queue.buffered() == 0 && !wire.hasOutput());
    }

    /** Lets what waits go out, says that nothing more comes, and closes once the peer has said so too, or after a while. */
    void finish(Duration patience) {
        finishing = true;
        expire(patience, this::close);
        write();
        updateInterest();
        closeIfDone();
    }

    /** Closes; what the kernel has taken may still go out. */
    void close() {
        die();
    }

    /** Closes and drops what has not gone out. */
    void abort() {
        if (!dead) {
            try {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException | UnsupportedOperationException e) {
                trace("no hard close", e);
            }
            die();
        }
    }

    /** Does something on the loop's thread unless the connection is closed by then; replaces the one before. */
    void expire(Duration after, Runnable then) {
        cancelTimer();
        if (!dead) {
            int mine = timers;
            timer = scheduler.schedule(
                    after,
                    () -> loop.executeAfterSockets(this, () -> {
                        if (!dead && mine == timers) {
                            then.run();
                        }
                    }));
        }
    }

    /** Also one that has fired already and whose task waits. */
    void cancelTimer() {
        timers++;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    boolean isDead() {
        return dead;
    }

    @Override
    public void ready(SelectionKey ignored) {
        ready();
    }

    @Override
    public void shutDown() {
        if (!dead) {
            Reader last = reader;
            try {
                die();
            } finally {
                last.onShutDown();
            }
        }
    }

    private void ready() {
        if (dead) {
            return;
        }
        if (!secured) {
            try {
                secured = wire.advance();
            } catch (IOException e) {
                inputFailed(e);
            }
            if (!secured) {
                updateInterest();
                return;
            }
        }
        write();
        read();
    }

    private void read() {
        if (dead || !secured) {
            return;
        }
        boolean more = true;
        for (int i = 0; more && i < READS_A_TURN; i++) {
            more = readOnce();
        }
        if (more && wire.hasInput()) {
            loop.execute(this, this::read); // what the wire holds makes no socket ready
        }
        updateInterest();
    }

    private boolean readOnce() {
        if (dead || inputEnded || !reader.wantsBytes()) {
            return false;
        }
        ByteBuffer input = loop.input();
        try {
            int read = wire.read(input);
            if (read <= 0) {
                if (read < 0) {
                    inputFailed(null);
                }
                return false;
            }
        } catch (IOException e) {
            inputFailed(e);
            return false;
        }
        queue.permit();
        input.flip();
        Reader last = null;
        while (input.hasRemaining() && reader != last && !dead) {
            last = reader;
            last.onBytes(input);
        }
        return !wire.isDrained();
    }

    private void inputFailed(@Nullable IOException failure) {
        if (inputEnded) {
            return;
        }
        inputEnded = true;
        if (failure != null) {
            outputBroken = true;
        }
        reader.onEnd(failure);
        closeIfDone();
    }

    private void requestFlush() {
        if (flushing.compareAndSet(false, true)) {
            loop.execute(this, this::flush);
        }
    }

    private void flush() {
        flushing.set(false); // before the queue is looked at: what comes later asks again
        write();
        updateInterest();
    }

    private void write() {
        if (dead || !secured || outputBroken) {
            return;
        }
        boolean wrote;
        try {
            wrote = queue.write();
            if (finishing && !outputShut && isFlushed()) {
                outputShut = true;
                wire.shutdownOutput();
            }
        } catch (IOException e) {
            outputFailed(e);
            return;
        }
        if (wrote || isFlushed()) {
            reader.onWritten();
        }
    }

    private void outputFailed(IOException failure) {
        outputBroken = true;
        queue.drop();
        reader.onOutputBroken(failure);
        closeIfDone();
    }

    private void closeIfDone() {
        if (finishing && inputEnded && (outputShut || outputBroken)) {
            die();
        }
    }

    private void die() {
        if (dead) {
            return;
        }
        dead = true;
        cancelTimer();
        key.cancel();
        try {
            socket.close();
        } catch (IOException e) {
            trace("closing a socket failed", e);
        }
        queue.drop();
        wire.abandon();
        onDead.run();
    }

    private void updateInterest() {
        if (dead) {
            return;
        }
        int interest;
        if (!secured) {
            boolean reads = !inputEnded && wire.canRead();
            boolean writes = !inputEnded && wire.hasOutput();
            interest = (reads ? SelectionKey.OP_READ : 0) | (writes ? SelectionKey.OP_WRITE : 0);
        } else {
            boolean reads = !inputEnded && wire.canRead() && reader.wantsBytes();
            boolean writes = !outputBroken && (queue.buffered() > 0 || wire.hasOutput());
            interest = (reads ? SelectionKey.OP_READ : 0) | (writes ? SelectionKey.OP_WRITE : 0);
        }
        if (key.isValid() && key.interestOps() != interest) {
            key.interestOps(interest);
        }
    }

    private static void trace(String message, Exception e) {
        System.getLogger(Connection.class.getName()).log(System.Logger.Level.TRACE, message, e);
    }
}
