package dev.livesync.transport.websocket;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Admission;
import dev.livesync.api.internal.CallerAddress;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.OpenResources;
import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** A bound port. */
final class WebSocketListening implements Listening, Loop.Handler {
    private static final System.Logger LOG = System.getLogger(WebSocketListening.class.getName());

    private static final int ACCEPTS_A_TURN = 32;
    /** How many slow parts of TLS handshakes run at once. */
    private static final int TLS_TASKS_AT_ONCE = 2;
    /** With room for whoever comes while the loop is busy; the system's own default is 50, and whom it drops waits a second. */
    private static final int BACKLOG = 1_024;
    /** How long accepting pauses when the system has no more sockets. */
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final WebSocketConfiguration configuration;
    private final OpenResources<BufferedChannel> resources;
    private final Loop loop;
    private final ChannelAcceptor acceptor;
    private final Consumer<Duration> ending = this::close;

    /** Held while the acceptor is called, so that {@link #close} can promise that no call begins after it. */
    private final ReentrantLock accepting = new ReentrantLock();

    private volatile boolean open = true;
    private volatile Address address;
    private @Nullable ServerSocketChannel server;
    private @Nullable SelectionKey key;

    /** Those that have brought a message; the loop's. */
    private int connections;
    /** All others, from the moment they are accepted. */
    private final Admission<Newcomer> newcomers;

    private final Executor tlsTasks;

    WebSocketListening(
            Address address,
            WebSocketConfiguration configuration,
            OpenResources<BufferedChannel> resources,
            Loop loop,
            ChannelAcceptor acceptor) {
        this.address = address;
        this.configuration = configuration;
        this.resources = resources;
        this.loop = loop;
        this.acceptor = acceptor;
        this.newcomers = new Admission<>(
                configuration.maxPending(), Math.max(1, configuration.maxPending() / 2), Long.MAX_VALUE, () -> 0);
        this.tlsTasks = new TlsTasks(resources.context().executor(), TLS_TASKS_AT_ONCE);
    }

    void bind(InetAddress at) {
        ServerSocketChannel socket = null;
        try {
            socket = ServerSocketChannel.open();
            socket.configureBlocking(false);
            socket.bind(new InetSocketAddress(at, address.port()), BACKLOG);
            address = address.withPort(((InetSocketAddress) socket.getLocalAddress()).getPort());
        } catch (IOException e) {
            closeQuietly(socket);
            throw bindFailure(at, e);
        }
        server = socket;
        if (!resources.onClose(ending)) {
            closeQuietly(socket);
            throw Failures.closed();
        }
        ServerSocketChannel bound = socket;
        loop.execute(() -> listenOn(bound));
    }

    private void listenOn(ServerSocketChannel socket) {
        try {
            if (open) {
                key = loop.register(socket, this);
                key.interestOps(SelectionKey.OP_ACCEPT);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "closed before it began", e);
        }
    }

    private SyncException bindFailure(InetAddress at, IOException e) {
        boolean taken = e instanceof BindException && address.port() != 0 && isOurs(at) && !isForbidden(e);
        return new SyncException(
                taken ? ErrorKind.IN_USE : ErrorKind.CONFIGURATION,
                taken
                        ? "somebody listens at " + address + " already"
                        : "can't listen at " + address + ": " + Failures.text(e),
                e);
    }

    /** Whether the address is this machine's. Tried, not read from the message, which comes in the system's language. */
    private static boolean isOurs(InetAddress at) {
        try (ServerSocketChannel other = ServerSocketChannel.open()) {
            other.bind(new InetSocketAddress(at, 0));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isForbidden(IOException e) {
        return address.port() < 1024 && !Failures.text(e).contains("in use");
    }

    @Override
    public String address() {
        return address.toString();
    }

    @Override
    public void ready(SelectionKey ignored) {
        ServerSocketChannel socket = server;
        for (int i = 0; socket != null && open && i < ACCEPTS_A_TURN; i++) {
            try {
                SocketChannel accepted = socket.accept();
                if (accepted == null) {
                    return;
                }
                welcome(accepted);
            } catch (IOException e) {
                if (open) {
                    LOG.log(System.Logger.Level.WARNING, address + " can't accept: " + Failures.text(e));
                    pause();
                }
                return;
            }
        }
    }

    /** Whatever goes wrong with this one: the next may have better luck, and nobody else would ever be let in. */
    private void welcome(SocketChannel accepted) {
        try {
            admit(accepted);
        } catch (Throwable e) {
            closeQuietly(accepted);
            pause();
            LOG.log(System.Logger.Level.WARNING, address + " could not take a connection", e);
        }
    }

    /** Without sockets to spare the selector would find us ready again and again. */
    private void pause() {
        SelectionKey ours = key;
        if (ours != null && ours.isValid()) {
            var unused = resources
                    .context()
                    .scheduler()
                    .schedule(
                            PAUSE,
                            () -> loop.execute(() -> {
                                if (ours.isValid()) {
                                    ours.interestOps(SelectionKey.OP_ACCEPT);
                                }
                            }));
            ours.interestOps(0); // only when the end of the pause is certain
        }
    }

    private void admit(SocketChannel socket) {
        Newcomer newcomer;
        String remote;
        try {
            Connection.configure(socket, configuration.pingInterval());
            remote = Address.of((InetSocketAddress) socket.getRemoteAddress());
            newcomer = new Newcomer(this, socket, loop.register(socket, null));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "a connection was gone before it began", e);
            closeQuietly(socket);
            return;
        }
        Newcomer evicted = newcomers.admit(newcomer, CallerAddress.of(remote)).evicted();
        if (evicted != null) {
            evicted.evict();
        }
        try {
            newcomer.begin();
        } catch (RuntimeException | Error e) {
            newcomer.evict();
            throw e;
        }
    }

    /** Does something unless the first byte has come by then. */
    TransportContext.Cancellable afterSilence(Newcomer newcomer, Runnable then) {
        Duration most = configuration.firstByteTimeout();
        Duration connect = resources.context().connectTimeout();
        return resources
                .context()
                .scheduler()
                .schedule(most.compareTo(connect) < 0 ? most : connect, () -> loop.executeAfterSockets(newcomer, then));
    }

    /** Makes a connection of a socket whose first byte has come. */
    Connection connect(Newcomer newcomer, SocketChannel socket, SelectionKey own, ServerHandshake handshake)
            throws IOException {
        return new Connection(
                loop,
                resources.context().scheduler(),
                socket,
                own,
                resume -> wire(socket, resume),
                handshake,
                newcomer::ended);
    }

    ServerHandshake handshake(Newcomer newcomer) {
        return new ServerHandshake(newcomer, address.path(), configuration, resources.context());
    }

    /** How long TLS and HTTP may take together, from the first byte on. */
    Duration handshakeTimeout() {
        return resources.context().connectTimeout();
    }

    private Wire wire(SocketChannel socket, Runnable resume) {
        if (!address.secure()) {
            return new PlainWire(socket, loop.output());
        }
        SSLEngine engine = Objects.requireNonNull(configuration.serverTls()).createSSLEngine();
        engine.setUseClientMode(false);
        return new TlsWire(socket, engine, tlsTasks, loop.plainText(), resume);
    }

    /** Whether one more that brings a message is within the limit. On the loop's thread. */
    boolean hasRoom() {
        return connections < configuration.maxConnections();
    }

    /** A handshake is done; on the loop's thread. */
    BufferedChannel upgraded(Connection connection, FrameCodec codec, Runnable onFirstMessage) {
        BufferedChannel channel =
                FrameSession.channel(connection, codec, resources, configuration, connection.remote(), onFirstMessage);
        Handover.to(resources.context().executor(), () -> hand(channel));
        return channel;
    }

    /** A first message has come; false if there is no room for one more. On the loop's thread. */
    boolean heard(Newcomer newcomer) {
        newcomers.leave(newcomer);
        return ++connections <= configuration.maxConnections();
    }

    /** A socket is closed. On the loop's thread. */
    void gone(Newcomer newcomer, boolean heard) {
        if (heard) {
            connections--;
        } else {
            newcomers.leave(newcomer);
        }
    }

    private void hand(BufferedChannel channel) {
        accepting.lock();
        try {
            if (!open) {
                channel.abort(new SyncException(ErrorKind.CLOSED, "nobody listens at " + address + " any more"));
                return;
            }
            acceptor.accept(channel);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "the acceptor at " + address + " threw", e);
            channel.abort(new SyncException(ErrorKind.INTERNAL, "the acceptor at " + address + " threw " + e, e));
        } finally {
            accepting.unlock();
        }
    }

    @Override
    public void close() {
        close(Duration.ofSeconds(2));
    }

    private void close(Duration patience) {
        open = false;
        resources.forget(ending);
        ServerSocketChannel socket = server;
        if (socket != null && socket.isOpen()) {
            loop.closeAndWait(socket, patience);
        }
        // Channels are for whoever has accepted them.
        loop.execute(() -> newcomers.clear().stream()
                .filter(newcomer -> !newcomer.isUpgraded())
                .forEach(Newcomer::evict));
        try {
            if (accepting.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                accepting.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void shutDown() {
        closeQuietly(server);
    }

    static void closeQuietly(@Nullable Closeable socket) {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.TRACE, "closing a socket failed", e);
            }
        }
    }
}
