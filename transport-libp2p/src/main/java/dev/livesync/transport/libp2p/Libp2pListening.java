package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Admission;
import dev.livesync.api.internal.CallerAddress;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.Listening;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A bound port. */
final class Libp2pListening implements Listening, Libp2pConnection.Owner {
    private static final System.Logger LOG = System.getLogger(Libp2pListening.class.getName());

    /** With room for whoever comes while the loops are busy. */
    private static final int BACKLOG = 1_024;

    private final Stack stack;
    private final ChannelAcceptor acceptor;
    private final Consumer<Duration> ending = this::close;

    /** Held while the acceptor is called, so that {@link #close} can promise that no call begins after it. */
    private final ReentrantLock accepting = new ReentrantLock();

    private volatile boolean open = true;
    private final Multiaddr<PeerId> asked;
    /** The bound address, with our own peer id. */
    private volatile Multiaddr<PeerId> address;

    private @Nullable Channel server;

    /** Connections with a stream that has brought a message. */
    private final Set<Libp2pConnection> useful = ConcurrentHashMap.newKeySet();
    /** All others, from the moment they are accepted. */
    private final Admission<Libp2pConnection> newcomers;
    /** The connections whose peer is not known yet. */
    private final Set<Libp2pConnection> shaking = ConcurrentHashMap.newKeySet();

    Libp2pListening(Multiaddr<PeerId> address, Stack stack, ChannelAcceptor acceptor) {
        this.asked = address;
        this.address = address.withPeer(stack.identity().peerId());
        this.stack = stack;
        this.acceptor = acceptor;
        int pending = stack.configuration().maxPending();
        this.newcomers = new Admission<>(pending, Math.max(1, pending / 2), Long.MAX_VALUE, () -> 0);
    }

    /** Binds the port. Blocks for a moment. */
    void bind(EventLoopGroup loops, InetAddress at) {
        var binding = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Stack.ENCRYPTED)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel socket) {
                        admit(socket);
                    }
                })
                .bind(new InetSocketAddress(at, address.port()))
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw bindFailure(at, binding.cause());
        }
        Channel bound = binding.channel();
        stack.sockets().add(bound);
        server = bound;
        address = address.withPort(((InetSocketAddress) bound.localAddress()).getPort());
        bound.closeFuture().addListener(closed -> {
            if (open) {
                LOG.log(System.Logger.Level.ERROR, "the listener at {0} has broken; listen again", address);
            }
        });
        if (!stack.resources().onClose(ending)) {
            close();
            throw Libp2pFailures.closed();
        }
    }

    private SyncException bindFailure(InetAddress at, Throwable e) {
        if (e instanceof IllegalStateException || e instanceof java.util.concurrent.RejectedExecutionException) {
            return Libp2pFailures.closed(); // the loops have ended
        }
        boolean taken = e instanceof BindException && address.port() != 0 && isOurs(at) && !isForbidden(e);
        return new SyncException(
                taken ? ErrorKind.IN_USE : ErrorKind.CONFIGURATION,
                taken
                        ? "somebody listens at " + asked + " already"
                        : "can't listen at " + asked + ": " + Libp2pFailures.text(e),
                e);
    }

    /** Whether the address is this machine's. Tries to bind it, since the system's message is in the system's language. */
    private static boolean isOurs(InetAddress at) {
        try (ServerSocketChannel other = ServerSocketChannel.open()) {
            other.bind(new InetSocketAddress(at, 0));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isForbidden(Throwable e) {
        return address.port() < 1024 && !Libp2pFailures.text(e).contains("in use");
    }

    @Override
    public String address() {
        return address.toString();
    }

    private void admit(SocketChannel socket) {
        stack.sockets().add(socket);
        InetSocketAddress remote = socket.remoteAddress();
        if (!open || remote == null) { // gone already
            var unused = socket.close();
            return;
        }
        Libp2pConnection connection = new Libp2pConnection(stack, false, null, this);
        shaking.add(connection);
        socket.pipeline().addLast(connection);
        place(connection, Multiaddr.of(remote, null).toString());
    }

    /** Gives a connection a place among those that have brought nothing; the oldest of them may have to go. */
    private void place(Libp2pConnection connection, String remote) {
        Libp2pConnection evicted =
                newcomers.admit(connection, CallerAddress.of(remote)).evicted();
        if (evicted != null) {
            evicted.execute(() -> evicted.end(crowded()));
        }
    }

    private SyncException crowded() {
        return new SyncException(ErrorKind.REFUSED, "too many connections at " + address);
    }

    @Override
    public void heard(Libp2pConnection connection) {
        newcomers.leave(connection);
        useful.add(connection);
        if (useful.size() > stack.configuration().maxConnections()) {
            LOG.log(System.Logger.Level.DEBUG, () -> address + " has no room for another connection");
            connection.execute(() -> connection.end(crowded()));
        }
    }

    @Override
    public void idle(Libp2pConnection connection) {
        useful.remove(connection);
        place(connection, connection.remote());
    }

    @Override
    public List<String> protocols() {
        return List.of(Stack.LIVESYNC, Identify.PROTOCOL, PingResponder.PROTOCOL);
    }

    @Override
    public void opened(Libp2pConnection connection) {
        shaking.remove(connection);
    }

    @Override
    public YamuxStream.Reader stream(Libp2pConnection connection, YamuxStream stream) {
        MessageStream messages = stack.channel(connection, stream, connection.remote());
        Handover.to(stack.context().executor(), () -> hand(messages.channel()));
        return messages;
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
    public void ended(Libp2pConnection connection, SyncException reason) {
        shaking.remove(connection);
        newcomers.leave(connection);
        useful.remove(connection);
    }

    @Override
    public void close() {
        close(Duration.ofSeconds(2));
    }

    private void close(Duration patience) {
        open = false;
        stack.resources().forget(ending);
        Channel bound = server;
        if (bound != null) {
            unbind(bound, patience);
        }
        SyncException reason = new SyncException(ErrorKind.CLOSED, "nobody listens at " + address + " any more");
        shaking.forEach(connection -> connection.execute(() -> {
            if (shaking.contains(connection)) {
                connection.end(reason);
            }
        }));
        try {
            if (accepting.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                accepting.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the port is free: the system takes calls for a closed socket until its loop has asked the selector once more. */
    private static void unbind(Channel bound, Duration patience) {
        EventLoop loop = bound.eventLoop();
        CountDownLatch gone = new CountDownLatch(1);
        bound.close().addListener(closed -> {
            try {
                // Timers are looked at after the selector, and this one is set before that.
                var unused = loop.schedule(gone::countDown, 1, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                gone.countDown(); // the loop ends, and its selector with it
            }
        });
        try {
            if (!loop.inEventLoop() && !gone.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "{0} is busy: a port is freed later", loop);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
