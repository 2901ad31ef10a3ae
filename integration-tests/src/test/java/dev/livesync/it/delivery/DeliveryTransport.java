package dev.livesync.it.delivery;

import dev.livesync.Sync;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.it.Keytool;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import dev.livesync.transport.memory.MemoryTransportProvider;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.Set;

/** What carries a session. */
public enum DeliveryTransport {
    MEMORY("memory", null),
    WS("websocket", "ws://127.0.0.1:0/"),
    WSS("websocket", "wss://127.0.0.1:0/"),
    LIBP2P("libp2p", null),
    WEBRTC("webrtc", null);

    private static final char[] PASSWORD = "not a secret".toCharArray();

    public final String transport;
    private final String address;

    DeliveryTransport(String transport, String address) {
        this.transport = transport;
        this.address = address;
    }

    /**
     * Sets up one end.
     *
     * @param builder of the end
     * @param scratch a directory that both ends know
     */
    void set(Sync.Builder builder, Path scratch) throws Exception {
        builder.transport(provider(scratch));
        if (address != null) {
            builder.listenAddress(transport, address);
        }
    }

    /** Where an end listens. */
    public String address(TransportProvider provider) {
        return address != null ? address : provider.localAddress();
    }

    /**
     * Makes the transport of one end.
     *
     * @param scratch as for {@link #set}
     */
    public TransportProvider provider(Path scratch) throws Exception {
        return switch (this) {
            case MEMORY -> new MemoryTransportProvider();
            case WS -> new WebSocketTransportProvider();
            case WSS -> new WebSocketTransportProvider(withKeys(scratch.resolve("keys.p12")));
            case LIBP2P -> new Libp2pTransportProvider();
            case WEBRTC -> new WebRtcTransportProvider();
        };
    }

    /** A certificate of the JDK's own tool, which both ends go by. */
    private static WebSocketConfiguration withKeys(Path file) throws Exception {
        if (!Files.exists(file)) {
            Keytool.generate(
                    file,
                    new String(PASSWORD),
                    "test",
                    "CN=test",
                    "-validity",
                    "2",
                    "-ext",
                    "san=dns:localhost,ip:127.0.0.1");
        }
        X509Certificate certificate = (X509Certificate) Objects.requireNonNull(
                KeyStore.getInstance(file.toFile(), PASSWORD).getCertificate("test"));
        return WebSocketConfiguration.builder()
                .serverKeyStore(file, PASSWORD)
                .pinnedCertificates(Set.of(WebSocketConfiguration.certificateHash(certificate)))
                .build();
    }
}
