package dev.livesync.discovery.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import org.junit.jupiter.api.Test;

/** What others dial in the place of what was bound. */
class BoundAddressTest {
    private static String at(String bound, String local) {
        return BoundAddress.parse(bound).at(LanBoard.literal(local)).orElse("-");
    }

    @Test
    void aWildcardBecomesTheLocalAddress() {
        assertThat(at("libp2p:/ip4/0.0.0.0/tcp/4001/p2p/12D3", "192.168.1.2"))
                .isEqualTo("libp2p:/ip4/192.168.1.2/tcp/4001/p2p/12D3");
        assertThat(at("libp2p:/ip6/0:0:0:0:0:0:0:0/tcp/4001", "fd00::2"))
                .isEqualTo("libp2p:/ip6/fd00:0:0:0:0:0:0:2/tcp/4001");
        assertThat(at("libp2p:/ip6/::/tcp/4001", "192.168.1.2")).isEqualTo("libp2p:/ip4/192.168.1.2/tcp/4001");
        assertThat(at("ws://0.0.0.0:9000/a/b", "192.168.1.2")).isEqualTo("ws://192.168.1.2:9000/a/b");
        assertThat(at("ws://[::]:9000/", "fd00::2")).isEqualTo("ws://[fd00:0:0:0:0:0:0:2]:9000/");
        assertThat(at("ws://[::]", "192.168.1.2")).isEqualTo("ws://192.168.1.2");
    }

    @Test
    void itIsNotSaidWhereItIsNotReached() {
        assertThat(at("ws://0.0.0.0:9000/", "fd00::2")).isEqualTo("-");
        assertThat(at("ws://0.0.0.0:9000/", "127.0.0.1")).isEqualTo("-");
        assertThat(at("ws://[::]:9000/", "::1")).isEqualTo("-");
        assertThat(at("ws://192.168.1.2:9000/", "192.168.1.3")).isEqualTo("-");
        assertThat(at("ws://127.0.0.1:9000/", "192.168.1.3")).isEqualTo("-");
        assertThat(at("ws://localhost:9000/", "192.168.1.3")).isEqualTo("-");
        assertThat(at("ws://host.example:9000/", "127.0.0.1")).isEqualTo("-");
    }

    @Test
    void anyOtherStaysAsItIs() {
        for (String bound : new String[] {
            "ws://192.168.1.2:9000/x",
            "libp2p:/ip4/192.168.1.2/tcp/1",
            "wss://host.example/",
            "libp2p:/dns4/host.example/tcp/1/p2p/x"
        }) {
            assertThat(at(bound, "192.168.1.2")).isEqualTo(bound);
        }
        assertThat(at("ws://[fd00::2]:9000/", "fd00::2")).isEqualTo("ws://[fd00::2]:9000/");
        assertThat(at("ws://127.0.0.1:1/", "127.0.0.1")).isEqualTo("ws://127.0.0.1:1/");
        assertThat(at("ws://localhost:1/", "127.0.0.1")).isEqualTo("ws://localhost:1/");
    }

    @Test
    void thePortIsTheServices() {
        assertThat(BoundAddress.parse("ws://0.0.0.0:9000/").port()).isEqualTo(9000);
        assertThat(BoundAddress.parse("libp2p:/ip4/0.0.0.0/tcp/4001/p2p/x").port())
                .isEqualTo(4001);
        assertThat(BoundAddress.parse("wss://host.example/").port()).isZero();
    }

    @Test
    void whatHasNoHostIsAnError() {
        for (String text : new String[] {
            "memory:x", "ws://", "ws:///x", "/ip4/1.2.3.4/tcp/1", "x", "libp2p:/tcp/1", "ws://user@host/", "partykit:"
        }) {
            assertThatThrownBy(() -> BoundAddress.parse(text))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION));
        }
    }
}
