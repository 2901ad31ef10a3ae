package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket to a room, as its client. One thread connects and reads, another writes; both end with it. What it has read waits for the loop,
 * {@link #HELD} bytes of it at most, and then it reads no more. Why not {@code java.net.http}: its selector's thread ends when somebody has
 * collected the client as garbage, and nothing of a transport may outlive its close.
 *
 * <p>Any thread; the owner is called on the loop.
 */
final class RoomSocket {
    /** Whom it serves. */
    interface Owner {
        /** The WebSocket is open; the room has said nothing yet. */
        void opened(RoomSocket socket);

        void text(RoomSocket socket, String text);

        void binary(RoomSocket socket, byte[] message);

        /** There is room in the queue, after there was none. */
        void drained(RoomSocket socket);

        /** All that was queued was written, the goodbye last. */
        void saidGoodbye(RoomSocket socket);

        /** It has ended: once, last, opened or not. */
        void ended(RoomSocket socket, SyncException why);
    }

    static final int NO_TOKEN = 4001;
    static final int BROKEN_RULE = 4002;
    static final int FULL = 4003;

    /** So much waits to be written, and then the queue is full. */
    private static final int FULL_QUEUE = 256 * 1024;
    /** So much was read and waits for the loop. */
    private static final int HELD = 512 * 1024;
    /** What a message costs while it waits, beyond its bytes. */
    private static final int OVERHEAD = 64;
    /** How long an answer to the room's close may take. */
    private static final Duration GOODBYE = Duration.ofSeconds(1);

    private final RoomUrl url;
    private final PartyKitConfiguration configuration;
    private final Duration connectTimeout;
    private final RoomLoop loop;
    private final SecureRandom random;
    private final Owner owner;
    private final Thread reader = thread(this::runReader, "reader");
    private final Thread writer = thread(this::runWriter, "writer");
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean heard;

    private final Deque<ClientFrame> queue = new ArrayDeque<>();
    private long queued;
    private boolean tellDrained;
    private byte @Nullable [] pong;
    private boolean closing;
    private boolean aborted;
    private @Nullable Socket socket;
    private @Nullable MaskingOutput out;
    private long held;

    RoomSocket(
            RoomUrl url,
            PartyKitConfiguration configuration,
            Duration connectTimeout,
            RoomLoop loop,
            SecureRandom random,
            Owner owner) {
        this.url = url;
        this.configuration = configuration;
        this.connectTimeout = connectTimeout;
        this.loop = loop;
        this.random = random;
        this.owner = owner;
    }

    private static Thread thread(Runnable run, String what) {
        Thread thread = new Thread(run, "livesync-partykit-" + what);
        thread.setDaemon(true);
        return thread;
    }

    void start() {
        reader.start();
    }

    /** Queues a frame. The owner looks at {@link #isFull} before. */
    synchronized void send(ClientFrame frame) {
        if (!closing) {
            queue.add(frame);
            queued += frame.cost();
            notifyAll();
        }
    }

    /** Whether nothing more should be queued now; the owner is told when that is over. */
    synchronized boolean isFull() {
        boolean full = queued >= FULL_QUEUE;
        tellDrained |= full;
        return full;
    }

    /** Whether anything has come since this was asked before. */
    boolean wasHeard() {
        boolean was = heard;
        heard = false;
        return was;
    }

    /** Says goodbye behind what is queued; ends when the room has, too. */
    synchronized void close() {
        if (!closing) {
            queue.add(ClientFrame.close());
            closing = true;
            notifyAll();
        }
    }

    /** Ends at once. */
    void abort(SyncException why) {
        Socket open;
        synchronized (this) {
            aborted = true;
            closing = true;
            open = socket;
            notifyAll();
        }
        end(why); // first: the reader would say that the socket was closed
        quietly(open);
    }

    /** Whether both threads have ended, after waiting for at most so long. */
    boolean awaitEnd(Duration patience) throws InterruptedException {
        reader.join(Math.max(1, patience.toMillis()));
        return !reader.isAlive();
    }

    private void end(SyncException why) {
        if (over.compareAndSet(false, true)) {
            loop.execute(() -> owner.ended(this, why));
        }
    }

    // The reading thread.

    private void runReader() {
        boolean open = false;
        try {
            InputStream in = connect();
            open = true;
            loop.execute(() -> owner.opened(this));
            writer.start();
            ServerFrames.Close close = new ServerFrames(new DataInputStream(in), new Incoming()).read();
            end(RoomFailures.closedWith(url, close.code(), close.reason()));
            close();
            writer.join(GOODBYE.toMillis());
        } catch (IOException e) {
            end(open ? RoomFailures.disconnected(url, e) : RoomFailures.handshake(url, e));
        } catch (SyncException e) {
            end(open ? new SyncException(ErrorKind.DISCONNECTED, url + " is no room: " + RoomFailures.text(e), e) : e);
        } catch (InterruptedException e) {
            // Nobody interrupts this thread to say something.
        } catch (RuntimeException | Error e) {
            end(new SyncException(ErrorKind.INTERNAL, "a defect of the PartyKit transport: " + e, e));
        } finally {
            Socket used;
            synchronized (this) {
                aborted = true;
                closing = true;
                used = socket;
                notifyAll();
            }
            quietly(used);
            joinWriter();
        }
    }

    /** So that who has seen the reader end has seen both. The socket is closed: no write goes on. */
    private void joinWriter() {
        try {
            if (writer.getState() != Thread.State.NEW) {
                writer.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private InputStream connect() throws IOException {
        Socket raw = connectRaw();
        Socket used = raw;
        if (url.secure()) {
            SSLContext tls = configuration.tls();
            SSLSocket secure = (SSLSocket) tls.getSocketFactory().createSocket(raw, url.host(), url.port(), true);
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secure.setSSLParameters(parameters);
            secure.startHandshake();
            used = secure;
        }
        UpgradeRequest request = new UpgradeRequest(url, configuration.requestHeaders(), random);
        used.getOutputStream().write(request.bytes());
        used.getOutputStream().flush();
        InputStream in = new BufferedInputStream(used.getInputStream(), 64 * 1024);
        request.readAnswer(in);
        synchronized (this) {
            out = new MaskingOutput(used.getOutputStream(), random);
        }
        return in;
    }

    /** Tries the host's addresses one after the other; the failure of the last is the one that is told. */
    private Socket connectRaw() {
        IOException last = new UnknownHostException(url.host());
        try {
            for (InetAddress address : InetAddress.getAllByName(url.host())) {
                if (!url.secure() && !configuration.allowPlaintextOffLoopback() && !address.isLoopbackAddress()) {
                    throw new SyncException(
                            ErrorKind.CONFIGURATION,
                            url + " is not on this machine, and " + RoomAddress.PLAIN + " is not encrypted: use "
                                    + RoomAddress.SECURE + ", or set allowPlaintextOffLoopback");
                }
                Socket tried = new Socket();
                synchronized (this) {
                    if (aborted) {
                        quietly(tried);
                        throw new IOException("it was given up");
                    }
                    socket = tried;
                }
                try {
                    tried.setTcpNoDelay(true);
                    tried.setKeepAlive(true);
                    tried.connect(new InetSocketAddress(address, url.port()), (int)
                            Math.min(Integer.MAX_VALUE, connectTimeout.toMillis()));
                    return tried;
                } catch (IOException e) {
                    quietly(tried);
                    last = e;
                }
            }
        } catch (IOException e) {
            last = e;
        }
        throw RoomFailures.unreachable(url, last);
    }

    private final class Incoming implements ServerFrames.Reader {
        @Override
        public void onText(String text) {
            hand(text.length() * 2, () -> owner.text(RoomSocket.this, text));
        }

        @Override
        public void onBinary(byte[] message) {
            hand(message.length, () -> owner.binary(RoomSocket.this, message));
        }

        @Override
        public void onPing(byte[] payload) {
            synchronized (RoomSocket.this) {
                pong = payload; // of several the last is enough
                RoomSocket.this.notifyAll();
            }
        }

        @Override
        public void onSign() {
            heard = true;
        }
    }

    /** Waits while the loop has too much to do. */
    private void hand(int bytes, Runnable task) {
        int cost = bytes + OVERHEAD;
        synchronized (this) {
            while (held >= HELD && !aborted) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    // Nobody interrupts this thread to say something.
                }
            }
            if (aborted) {
                return;
            }
            held += cost;
        }
        loop.execute(() -> {
            try {
                if (!over.get()) {
                    task.run();
                }
            } catch (SyncException e) {
                abort(new SyncException(ErrorKind.DISCONNECTED, url + " is no room: " + RoomFailures.text(e), e));
            } catch (RuntimeException | Error e) {
                abort(new SyncException(ErrorKind.INTERNAL, "a defect of the PartyKit transport: " + e, e));
            } finally {
                handed(cost);
            }
        });
    }

    private synchronized void handed(int cost) {
        if (held >= HELD) {
            notifyAll();
        }
        held -= cost;
    }

    // The writing thread.

    private void runWriter() {
        try {
            for (ClientFrame frame = next(); frame != null; frame = next()) {
                output().write(frame);
                written(frame);
            }
            if (!isAborted()) {
                loop.execute(() -> owner.saidGoodbye(this));
            }
        } catch (IOException e) {
            Socket used;
            synchronized (this) {
                used = socket;
            }
            quietly(used); // the reader notices
            end(RoomFailures.disconnected(url, e));
        } catch (RuntimeException | Error e) {
            abort(new SyncException(ErrorKind.INTERNAL, "a defect of the PartyKit transport: " + e, e));
        }
    }

    private synchronized boolean isAborted() {
        return aborted;
    }

    private synchronized MaskingOutput output() {
        return Objects.requireNonNull(out, "connected before it writes");
    }

    /** Waits for a frame; null once the last has been written. */
    private @Nullable ClientFrame next() throws IOException {
        boolean idle;
        synchronized (this) {
            idle = queue.isEmpty() && pong == null;
        }
        if (idle) {
            output().flush();
        }
        synchronized (this) {
            while (queue.isEmpty() && pong == null && !closing) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    // Nobody interrupts this thread to say something.
                }
            }
            byte[] answer = pong;
            if (aborted) {
                return null;
            }
            if (answer != null) {
                pong = null;
                return ClientFrame.of(ClientFrame.PONG, answer);
            }
            return queue.poll();
        }
    }

    private synchronized void written(ClientFrame frame) {
        if (frame.opcode() == ClientFrame.PONG || frame.opcode() == ClientFrame.CLOSE) {
            return;
        }
        queued -= frame.cost();
        if (tellDrained && queued <= FULL_QUEUE / 2) {
            tellDrained = false;
            loop.execute(() -> owner.drained(this));
        }
    }

    private static void quietly(@Nullable Socket socket) {
        if (socket == null) {
            return;
        }
        try {
            socket.close();
        } catch (IOException e) {
            System.getLogger(RoomSocket.class.getName()).log(System.Logger.Level.TRACE, "closing a socket failed", e);
        }
    }
}
