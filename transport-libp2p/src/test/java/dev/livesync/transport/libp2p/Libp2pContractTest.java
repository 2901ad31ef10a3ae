package dev.livesync.transport.libp2p;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.contract.DialingTransportContract;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;

class Libp2pContractTest extends DialingTransportContract {
    @Override
    protected TransportProvider provider() {
        return new Libp2pTransportProvider();
    }

    @Override
    protected String anyAddress() {
        return "libp2p:/ip4/127.0.0.1/tcp/0";
    }

    @Override
    protected String deadAddress() throws Exception {
        return "libp2p:/ip4/127.0.0.1/tcp/" + deadPort();
    }

    static int deadPort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    protected List<String> nonsense() {
        return List.of(
                "",
                "libp2p",
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
                "/dns4/" + "x".repeat(3000) + "/tcp/1");
    }
}
