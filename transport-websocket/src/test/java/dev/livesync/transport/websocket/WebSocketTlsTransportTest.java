package dev.livesync.transport.websocket;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.TransportTck;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;

/** WebSocket over TLS against the kit. */
class WebSocketTlsTransportTest extends TransportTck {
    private static WebSocketConfiguration configuration;

    @BeforeAll
    static void makeKeys() throws Exception {
        TestKeys keys = TestKeys.shared();
        configuration = WebSocketConfiguration.builder()
                .serverKeyStore(keys.file(), TestKeys.PASSWORD)
                .pinnedCertificates(Set.of(keys.hash()))
                .sendBufferBytes(WebSocketTransportTest.BEYOND_THE_KERNEL)
                .build();
    }

    @Override
    protected TransportProvider provider() {
        return new WebSocketTransportProvider(configuration);
    }

    @Override
    protected String address() {
        return "wss://localhost:0/";
    }

    @Override
    protected List<String> unusableAddresses() {
        return List.of("wss:", "wss://", "https://127.0.0.1:1/");
    }
}
