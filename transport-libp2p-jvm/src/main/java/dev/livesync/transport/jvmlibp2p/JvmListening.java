package dev.livesync.transport.jvmlibp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.Listening;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.libp2p.core.Connection;
import io.libp2p.core.PeerId;
import io.libp2p.core.Stream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A bound port. */
final class JvmListening implements Listening {
    private static final System.Logger LOG = System.getLogger(JvmListening.class.getName());

    private final JvmLibp2pStack stack;
    private final ChannelAcceptor acceptor;
    private final Consumer<Duration> ending = this::close;
    private final Node node;
    private final Multiaddr<PeerId> asked;
    private volatile Multiaddr<PeerId> address;
    private @Nullable Channel server;

    /** Held while the acceptor is called, so that {@link #close} can promise that no call begins after it. */
    private final ReentrantLock accepting = new ReentrantLock();

    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean open = true;

    JvmListening(Multiaddr<PeerId> asked, JvmLibp2pStack stack, ChannelAcceptor acceptor) {
        this.asked = asked;
        this.address = asked.withPeer(stack.us());
        this.stack = stack;
        this.acceptor = acceptor;
        this.node = new Node(stack.key(), stack.loops(), new LiveSyncProtocol(false, this::stream));
    }

    /** Binds the port. Blocks for a moment. */
    void bind() {
        InetAddress at = asked.resolve(ErrorKind.CONFIGURATION).get(0);
        ChannelFuture binding = node.tcp()
                .bind(new InetSocketAddress(at, asked.port()), this::admits, this::connected)
                .awaitUninterruptibly();
        Throwable cause = binding.cause();
        if (cause instanceof IllegalStateException || cause instanceof RejectedExecutionException) {
            throw Libp2pFailures.closed(); // the loops have ended
        }
        if (cause != null) {
            boolean taken =
                    cause instanceof BindException && Libp2pFailures.text(cause).contains("in use");
            throw new SyncException(
                    taken ? ErrorKind.IN_USE : ErrorKind.CONFIGURATION,
                    taken
                            ? "somebody listens at " + asked + " already"
                            : "can't listen at " + asked + ": " + Libp2pFailures.text(cause),
                    cause);
        }
        Channel bound = binding.channel();
        stack.sockets().add(bound);
        server = bound;
        address = address.withPort(((InetSocketAddress) bound.localAddress()).getPort());
        if (!stack.resources().onClose(ending)) {
            close();
            throw Libp2pFailures.closed();
        }
    }

    @Override
    public String address() {
        return address.toString();
    }

    private boolean admits(Channel socket) {
        stack.sockets().add(socket);
        if (!open || connections.incrementAndGet() > BufferLimits.CONNECTIONS) {
            connections.decrementAndGet();
            LOG.log(System.Logger.Level.DEBUG, () -> address + " has no room for another connection");
            return false;
        }
        var unused = socket.closeFuture().addListener(done -> connections.decrementAndGet());
        return true;
    }

    private void connected(Connection connection) {
        if (!stack.allows(connection.secureSession().getRemoteId())) {
            var unused = connection.close();
        }
    }

    private JvmStream stream(Stream stream) {
        Connection connection = stream.getConnection();
        String remote = Multiaddr.SCHEME + ":" + connection.remoteAddress() + "/p2p/" + stream.remotePeerId();
        JvmStream messages = stack.channel(stream, remote);
        if (stack.allows(stream.remotePeerId())) {
            Handover.to(stack.context().executor(), () -> hand(messages.channel()));
        } // else its connection is closed already: it came with the handshake's last bytes
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
    public void close() {
        close(Duration.ofSeconds(2));
    }

    private void close(Duration patience) {
        open = false;
        stack.resources().forget(ending);
        Channel bound = server;
        if (bound != null) {
            bound.close().awaitUninterruptibly(patience.toMillis());
        }
        try {
            if (accepting.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                accepting.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
