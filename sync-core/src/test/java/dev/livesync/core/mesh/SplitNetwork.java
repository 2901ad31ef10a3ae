package dev.livesync.core.mesh;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.memory.MemoryLink;
import dev.livesync.transport.memory.MemoryNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;

/** A memory network in which a test says who hears whom: what passes between others is never answered. By the test's thread. */
final class SplitNetwork {
    record Dial(long at, String from, String to) {}

    private final MemoryNetwork network;
    private final java.util.function.LongSupplier nanos;
    private final Map<Long, Dial> links = new HashMap<>();
    final List<Dial> dials = new ArrayList<>();
    private BiPredicate<String, String> reaches = (one, other) -> true;

    SplitNetwork(MemoryNetwork network, java.util.function.LongSupplier nanos) {
        this.network = network;
        this.nanos = nanos;
    }

    /** Who reaches whom from now on; open links between others fall silent. */
    void reach(BiPredicate<String, String> newReaches) {
        reaches = newReaches;
        for (MemoryLink link : network.faults().links()) {
            Dial dial = links.get(link.number());
            if (dial != null && !newReaches.test(dial.from(), dial.to())) {
                link.silence();
            }
        }
    }

    /** Who dialled a link. */
    String diallerOf(MemoryLink link) {
        return links.get(link.number()).from();
    }

    /** The transport of one peer, which listens at {@code memory:NAME}. */
    TransportProvider of(String name) {
        TransportProvider inner = network.provider();
        return new TransportProvider() {
            @Override
            public String id() {
                return inner.id();
            }

            @Override
            public Set<String> schemes() {
                return inner.schemes();
            }

            @Override
            public Set<TransportFeature> features() {
                return inner.features();
            }

            @Override
            public Transport open(TransportContext context) {
                return new PeerTransport(name, (DialingTransport) inner.open(context));
            }
        };
    }

    private final class PeerTransport implements DialingTransport {
        private final String name;
        private final DialingTransport inner;

        PeerTransport(String name, DialingTransport inner) {
            this.name = name;
            this.inner = inner;
        }

        @Override
        public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
            return inner.listen(address, acceptor);
        }

        @Override
        public CompletionStage<Channel> dial(String address) {
            Dial dial = new Dial(nanos.getAsLong(), name, address.substring(address.indexOf(':') + 1));
            dials.add(dial);
            if (!reaches.test(dial.from(), dial.to())) {
                return new CompletableFuture<>();
            }
            return inner.dial(address).whenComplete((channel, thrown) -> {
                if (channel != null) {
                    String remote = channel.remote();
                    links.put(Long.parseLong(remote.substring(remote.lastIndexOf('#') + 1)), dial);
                }
            });
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
