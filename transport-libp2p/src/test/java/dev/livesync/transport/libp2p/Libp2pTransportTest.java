package dev.livesync.transport.libp2p;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.Faults;
import dev.livesync.tck.TransportTck;
import java.util.ArrayList;
import java.util.List;

/** libp2p against the kit. */
class Libp2pTransportTest extends TransportTck {
    private static final TransportProvider OURS =
            new Libp2pTransportProvider(Libp2pConfiguration.builder().build());
    private static final TransportProvider PEERS =
            new Libp2pTransportProvider(Libp2pConfiguration.builder().build());

    @Override
    protected TransportProvider provider() {
        return OURS;
    }

    @Override
    protected TransportProvider peerProvider() {
        return PEERS;
    }

    @Override
    protected Faults faults() {
        return new MultiaddrProxy();
    }

    /** Netty's, for whoever listens to a shutdown; it ends after a second without work. */
    @Override
    protected boolean isShared(Thread thread) {
        return thread.getName().startsWith("globalEventExecutor-");
    }

    @Override
    protected List<String> unusableAddresses() {
        List<String> addresses = new ArrayList<>(super.unusableAddresses());
        addresses.addAll(List.of(
                "libp2p:",
                "libp2p:/",
                "libp2p://127.0.0.1:1/",
                "ws://127.0.0.1:1/",
                "/ip4/127.0.0.1",
                "/ip4/127.0.0.1/udp/1",
                "/ip4/127.0.0.1/tcp/65536",
                "/ip4/127.0.0.1/tcp/x",
                "/ip4/127.0.0.1/tcp/01",
                "/ip4/127.0.0.256/tcp/1",
                "/ip4/localhost/tcp/1",
                "/ip6/127.0.0.1/tcp/1",
                "/ip6/::g/tcp/1",
                "/dnsaddr/bootstrap.example/tcp/1",
                "/ip4/127.0.0.1/tcp/1/ws",
                "/ip4/127.0.0.1/tcp/1/p2p/",
                "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWnone",
                "/ip4/127.0.0.1/tcp/1/p2p/QmInvalid0",
                "/ip4/127.0.0.1/tcp/1#fragment",
                "/ip4/127.0.0.1/tcp/1?query",
                "/ip4/127.0.0.1/tcp/1/",
                "/dns4/" + "x".repeat(3000) + "/tcp/1"));
        return addresses;
    }
}
