package dev.livesync.transport.websocket;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.contract.DialingTransportContract;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;

class WebSocketTlsContractTest extends DialingTransportContract {
    private static WebSocketConfiguration configuration;

    @BeforeAll
    static void makeKeys() throws Exception {
        TestKeys keys = TestKeys.shared();
        configuration = WebSocketConfiguration.builder()
                .serverKeyStore(keys.file(), TestKeys.PASSWORD)
                .pinnedCertificates(Set.of(keys.hash()))
                .sendBufferBytes(WebSocketContractTest.BEYOND_THE_KERNEL)
                .build();
    }

    @Override
    protected TransportProvider provider() {
        return new WebSocketTransportProvider(configuration);
    }

    @Override
    protected String anyAddress() {
        return "wss://localhost:0/";
    }

    @Override
    protected String deadAddress() throws Exception {
        return "wss://127.0.0.1:" + WebSocketContractTest.deadPort() + "/";
    }

    @Override
    protected List<String> nonsense() {
        return List.of("wss:", "wss://", "https://127.0.0.1:1/");
    }
}
