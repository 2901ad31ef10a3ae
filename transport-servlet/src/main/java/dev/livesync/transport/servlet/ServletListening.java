package dev.livesync.transport.servlet;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.OpenResources;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** A hub that takes connections. Any thread. */
final class ServletListening implements Listening {
    /** As the WebSocket transport has it. */
    private static final int MAX_MESSAGE_BYTES = 1 << 20;

    private static final int SEND_BYTES = 256 << 10;
    private static final int RECEIVE_BYTES = 256 << 10;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final System.Logger LOG = System.getLogger(ServletListening.class.getName());

    private final ServletTransportProvider provider;
    private final OpenResources<BufferedChannel> resources;
    private final ChannelAcceptor acceptor;
    private final Consumer<Duration> ending = this::close;
    private final AtomicInteger connections = new AtomicInteger();

    /** Held while the acceptor is called, so that no call begins after {@link #close}. */
    private final ReentrantLock accepting = new ReentrantLock();

    private volatile boolean open = true;

    ServletListening(
            ServletTransportProvider provider, OpenResources<BufferedChannel> resources, ChannelAcceptor acceptor) {
        this.provider = provider;
        this.resources = resources;
        this.acceptor = acceptor;
    }

    /** False if the transport is closed. */
    boolean begin() {
        return resources.onClose(ending);
    }

    @Override
    public String address() {
        String told = provider.configuration().publicUrl();
        return told.isEmpty() ? provider.localAddress() : told;
    }

    /** For messages: how this application calls it, and how others do. */
    String where() {
        String told = provider.configuration().publicUrl();
        return told.isEmpty() ? provider.localAddress() : provider.localAddress() + " (" + told + ")";
    }

    /**
     * Takes a place for a connection that is about to begin.
     *
     * @return the connection, which gives the place back; empty if there is none left
     */
    Optional<HubConnection> admit(String remote) {
        if (!open) {
            return Optional.empty();
        }
        if (connections.incrementAndGet() > provider.configuration().maxConnections()) {
            connections.decrementAndGet();
            return Optional.empty();
        }
        return Optional.of(new HubConnection(this, context(), remote));
    }

    TransportContext context() {
        return resources.context();
    }

    void release() {
        connections.decrementAndGet();
    }

    /** Makes the channel of a connection; nobody knows of it yet. */
    BufferedChannel channel(HubConnection connection, String remote) {
        int most = Math.min(MAX_MESSAGE_BYTES, context().maxMessageBytes());
        BufferedChannel channel = new BufferedChannel(
                context(),
                new BufferedChannel.Remote(remote, Optional.empty(), Optional.empty()),
                new BufferedChannel.Sizes(most, SEND_BYTES, SEND_BYTES, RECEIVE_BYTES),
                resources::remove);
        channel.attach(connection);
        return channel;
    }

    /** Hands the channel of a connection that is ready for it to whoever listens. */
    void opened(BufferedChannel channel) {
        resources.add(channel);
        Handover.to(context().executor(), () -> hand(channel));
    }

    private void hand(BufferedChannel channel) {
        accepting.lock();
        try {
            if (open) {
                acceptor.accept(channel);
            } else {
                channel.abort(new SyncException(ErrorKind.CLOSED, "nobody listens here any more"));
            }
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "the acceptor of the hub threw", e);
            channel.abort(new SyncException(ErrorKind.INTERNAL, "the acceptor of the hub threw " + e, e));
        } finally {
            accepting.unlock();
        }
    }

    @Override
    public void close() {
        close(PATIENCE);
    }

    private void close(Duration patience) {
        open = false;
        resources.forget(ending);
        provider.end(this);
        try {
            if (accepting.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                accepting.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
