package dev.livesync.bench.many;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One dialling transport for all who open it, so that a process with many sessions has one thread for their sockets. It never ends. */
final class SharedTransport implements TransportProvider {
    private final TransportProvider provider;
    private @Nullable DialingTransport shared;

    SharedTransport(TransportProvider provider) {
        this.provider = provider;
    }

    @Override
    public String id() {
        return provider.id();
    }

    @Override
    public Set<String> schemes() {
        return provider.schemes();
    }

    @Override
    public Set<TransportFeature> features() {
        return provider.features();
    }

    @Override
    public boolean recognizes(Signal offer) {
        return provider.recognizes(offer);
    }

    @Override
    public synchronized Transport open(TransportContext context) {
        DialingTransport first = shared == null ? (DialingTransport) provider.open(context) : shared;
        shared = first;
        return new DialingTransport() {
            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return first.listen(address, acceptor);
            }

            @Override
            public CompletionStage<Channel> dial(String address) {
                return first.dial(address);
            }

            @Override
            public void close() {}
        };
    }
}
