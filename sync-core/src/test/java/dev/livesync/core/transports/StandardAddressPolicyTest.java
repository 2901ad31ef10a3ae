package dev.livesync.core.transports;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandardAddressPolicyTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ws://127.0.0.1:9000/",
                "ws://localhost/",
                "ws://[::1]:9000/",
                "wss://192.168.1.7/",
                "wss://10.0.0.1:1/path",
                "wss://93.184.216.34/",
                "ws://user@127.0.0.1/",
                "memory:peer",
                "memory:0",
                "libp2p:/ip4/127.0.0.1/tcp/4001/p2p/12D3KooW",
                "/ip4/10.0.0.1/tcp/4001",
                "ws:///",
                "nonsense"
            })
    void permitsWherePeersLive(String address) {
        assertThat(StandardAddressPolicy.INSTANCE.permits(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ws://0.0.0.0:9000/",
                "ws://[::]:9000/",
                "ws://169.254.169.254/latest/meta-data",
                "ws://a@169.254.169.254/",
                "ws://a:b@169.254.169.254:80/",
                "ws:169.254.169.254",
                "ws:/169.254.169.254/",
                "ws://2852039166/",
                "ws://[fe80::1]/",
                "ws://[::ffff:169.254.169.254]/",
                "ws://224.0.0.1/",
                "ws://[ff02::1]/",
                "libp2p:/ip4/169.254.169.254/tcp/80",
                "/ip4/127.0.0.1/tcp/1/p2p-circuit/ip4/0.0.0.0/tcp/2",
                "/ip6/fe80::1/tcp/4001",
                "/dns4/169.254.169.254/tcp/1"
            })
    void refusesWhatNoPeerListensAt(String address) {
        assertThat(StandardAddressPolicy.INSTANCE.permits(address)).isFalse();
    }
}
