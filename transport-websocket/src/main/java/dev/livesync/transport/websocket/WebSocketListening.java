package dev.livesync.transport.websocket;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
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
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** A bound port. */
final class WebSocketListening implements Listening, Loop.Handler {
    private static final System.Logger LOG = System.getLogger(WebSocketListening.class.getName());

    private static final int ACCEPTS_A_TURN = 32;
    /** How many connections beyond the limit are still told so, rather than dropped. */
    private static final int TOLD_BEYOND = 32;
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

    /** Connections that are open or about to be; the loop's. */
    private int connections;
    /** Connections in their handshake; the loop's. */
    private final Set<Connection> shaking = new HashSet<>();

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
    }

    void bind(InetAddress at) {
        ServerSocketChannel socket = null;
        try {
            socket = ServerSocketChannel.open();
            socket.configureBlocking(false);
            socket.bind(new InetSocketAddress(at, address.port()));
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
        if (connections >= configuration.maxConnections() + TOLD_BEYOND) {
            closeQuietly(socket);
            return;
        }
        TransportContext context = resources.context();
        ServerHandshake handshake = new ServerHandshake(this, address.path(), configuration, context);
        Connection connection;
        try {
            Connection.configure(socket, configuration.pingInterval());
            SelectionKey own = loop.register(socket, null);
            connection = new Connection(
                    loop, context.scheduler(), socket, own, resume -> wire(socket, resume), handshake, () -> {
                        connections--;
                        shaking.removeIf(Connection::isDead);
                    });
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "a connection was gone before it began", e);
            closeQuietly(socket);
            return;
        }
        connections++;
        try {
            shaking.add(connection);
            connection.expire(context.connectTimeout(), connection::abort);
            handshake.begin(connection);
        } catch (RuntimeException | Error e) {
            connection.abort();
            throw e;
        }
    }

    private Wire wire(SocketChannel socket, Runnable resume) {
        if (!address.secure()) {
            return new PlainWire(socket, loop.output());
        }
        SSLEngine engine = Objects.requireNonNull(configuration.serverTls()).createSSLEngine();
        engine.setUseClientMode(false);
        return new TlsWire(socket, engine, resources.context().executor(), loop.plainText(), resume);
    }

    /** Whether one more, which is counted already, is within the limit. On the loop's thread. */
    boolean hasRoom() {
        return connections <= configuration.maxConnections();
    }

    /** A handshake is done; on the loop's thread. */
    BufferedChannel upgraded(Connection connection, FrameCodec codec) {
        shaking.remove(connection);
        BufferedChannel channel =
                FrameSession.channel(connection, codec, resources, configuration, connection.remote());
        Handover.to(resources.context().executor(), () -> hand(channel));
        return channel;
    }

    /** A handshake failed, or is refused. */
    void dropped(Connection connection) {
        shaking.remove(connection);
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
        loop.execute(() -> Set.copyOf(shaking).forEach(Connection::abort));
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

    private static void closeQuietly(@Nullable Closeable socket) {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.TRACE, "closing a socket failed", e);
            }
        }
    }
}
