package dev.livesync.transport.jvmlibp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.Listening;
import io.libp2p.core.Connection;
import io.libp2p.core.P2PChannel;
import io.libp2p.core.Stream;
import io.libp2p.core.multiformats.Multiaddr;
import java.net.BindException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** A bound port. */
final class JvmListening implements Listening {
    private static final System.Logger LOG = System.getLogger(JvmListening.class.getName());

    private final Stack stack;
    private final ChannelAcceptor acceptor;
    private final Consumer<Duration> ending = this::close;
    private final Node node;
    private final Address asked;
    private volatile Multiaddr bound = Multiaddr.empty();
    private volatile Address address;

    /** Held while the acceptor is called, so that {@link #close} can promise that no call begins after it. */
    private final ReentrantLock accepting = new ReentrantLock();

    private final Set<P2PChannel> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean open = true;

    JvmListening(Address asked, Stack stack, ChannelAcceptor acceptor) {
        this.asked = asked;
        this.address = asked;
        this.stack = stack;
        this.acceptor = acceptor;
        this.node = new Node(stack.key(), this::stream);
        stack.nodes().add(node);
    }

    /** Blocks, for the moment that it takes. */
    void bind() {
        InetAddress at = asked.resolve(ErrorKind.CONFIGURATION).get(0);
        String host = (at.getAddress().length == 4 ? "/ip4/" : "/ip6/") + at.getHostAddress();
        bound = Multiaddr.fromString(host + "/tcp/" + asked.port());
        try {
            node.transport().listen(bound, this::connected, this::admit).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.closed();
        } catch (ExecutionException e) {
            stack.nodes().remove(node);
            var unused = node.close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            boolean taken =
                    cause instanceof BindException && Failures.text(cause).contains("in use");
            throw new SyncException(
                    taken ? ErrorKind.IN_USE : ErrorKind.CONFIGURATION,
                    taken
                            ? "somebody listens at " + asked + " already"
                            : "can't listen at " + asked + ": " + Failures.text(cause),
                    cause);
        }
        int port = Address.parse(node.transport().listenAddresses().get(0).toString())
                .port();
        address = asked.withPort(port).withPeer(stack.us());
        if (!stack.belongings().onClose(ending)) {
            close();
            var unused = node.close();
            throw Failures.closed();
        }
    }

    @Override
    public String address() {
        return address.toString();
    }

    private void admit(P2PChannel raw) {
        node.seen((Connection) raw);
        if (!open || connections.size() >= Limits.CONNECTIONS) {
            var unused = raw.close();
            return;
        }
        connections.add(raw);
        var unused = raw.closeFuture().thenRun(() -> connections.remove(raw));
    }

    private void connected(Connection connection) {
        if (!stack.allows(connection.secureSession().getRemoteId())) {
            var unused = connection.close();
        }
    }

    private JvmStream stream(Stream stream) {
        Connection connection = stream.getConnection();
        String remote = Address.SCHEME + ":" + connection.remoteAddress() + "/p2p/" + stream.remotePeerId();
        JvmStream messages = stack.channel(stream, remote);
        stack.context().executor().execute(() -> hand(messages.channel()));
        return messages;
    }

    private void hand(JvmChannel channel) {
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
        if (open) {
            open = false;
            stack.belongings().forget(ending);
            try {
                node.transport().unlisten(bound).get(patience.toMillis(), TimeUnit.MILLISECONDS);
                if (accepting.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    accepting.unlock();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException | RuntimeException e) {
                LOG.log(System.Logger.Level.DEBUG, "the library did not stop listening at " + address, e);
            }
        }
    }
}
