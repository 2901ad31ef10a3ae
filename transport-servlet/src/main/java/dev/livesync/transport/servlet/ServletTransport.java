package dev.livesync.transport.servlet;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.OpenResources;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Makes channels of the connections that {@link HubServlet} hands over. */
final class ServletTransport implements DialingTransport {
    private final ServletTransportProvider provider;
    private final OpenResources<BufferedChannel> resources;
    private volatile boolean closed;

    ServletTransport(ServletTransportProvider provider, TransportContext context) {
        this.provider = provider;
        this.resources = new OpenResources<>(context, ServletTransport::closedFailure, BufferedChannel::shut);
    }

    private static SyncException closedFailure() {
        return new SyncException(ErrorKind.CLOSED, "the hub is closed");
    }

    @Override
    public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
        Objects.requireNonNull(acceptor, "acceptor");
        String own = provider.localAddress();
        if (closed) {
            return CompletableFuture.failedFuture(closedFailure());
        }
        if (!address.equals(own)) {
            return CompletableFuture.failedFuture(new SyncException(
                    ErrorKind.CONFIGURATION, "the hub of this application is at " + own + ", not at " + address));
        }
        ServletListening listening = new ServletListening(provider, resources, acceptor);
        if (!provider.begin(listening)) {
            return CompletableFuture.failedFuture(
                    new SyncException(ErrorKind.IN_USE, "somebody listens at " + listening.where() + " already"));
        }
        if (!listening.begin()) {
            listening.close();
            return CompletableFuture.failedFuture(closedFailure());
        }
        return CompletableFuture.completedFuture(listening);
    }

    @Override
    public CompletionStage<Channel> dial(String address) {
        return CompletableFuture.failedFuture(
                closed
                        ? closedFailure()
                        : new SyncException(
                                ErrorKind.CONFIGURATION,
                                "nobody dials " + ServletTransportProvider.SCHEME
                                        + " addresses: dial the application's own, with ws or wss"));
    }

    @Override
    public void close() {
        closed = true;
        resources.close();
    }
}
