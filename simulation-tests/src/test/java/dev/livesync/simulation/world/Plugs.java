package dev.livesync.simulation.world;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** A machine's connections, which can all be pulled at once: what a killed process leaves is no goodbye. */
final class Plugs implements TransportProvider {
    private final TransportProvider provider;
    private final List<Channel> channels = new ArrayList<>();
    private final List<Listening> listenings = new ArrayList<>();

    Plugs(TransportProvider provider) {
        this.provider = provider;
    }

    void pull() {
        List.copyOf(listenings).forEach(Listening::close);
        listenings.clear();
        List<Channel> all = List.copyOf(channels);
        channels.clear();
        all.forEach(channel -> channel.abort(new SyncException(ErrorKind.DISCONNECTED, "the machine has stopped")));
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
    public String localAddress() {
        return provider.localAddress();
    }

    @Override
    public Set<TransportFeature> features() {
        return provider.features();
    }

    @Override
    public Transport open(TransportContext context) {
        DialingTransport transport = (DialingTransport) provider.open(context);
        return new DialingTransport() {
            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return transport
                        .listen(address, channel -> {
                            channels.add(channel);
                            acceptor.accept(channel);
                        })
                        .whenComplete((listening, failure) -> {
                            if (listening != null) {
                                listenings.add(listening);
                            }
                        });
            }

            @Override
            public CompletionStage<Channel> dial(String address) {
                CompletionStage<Channel> dial = transport.dial(address);
                var unused = dial.whenComplete((channel, failure) -> {
                    if (channel != null) {
                        channels.add(channel);
                    }
                });
                return dial;
            }

            @Override
            public void close() {
                transport.close();
            }
        };
    }
}
