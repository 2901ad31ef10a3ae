package dev.livesync.it.strangers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.it.Keytool;
import dev.livesync.transport.libp2p.Libp2pConfiguration;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Hundreds that prove nothing fill all the places that one address gets at a listener: they keep no more than these, and from that very address
 * somebody with the secret gets in, time and again. {@code scripts/strangers} does it with ten thousand, in processes of their own.
 */
class ManyStrangersTest {
    private static final int STRANGERS = 300;
    private static final int PLACES = 128;
    private static final int OF_ONE_ADDRESS = PLACES / 2;
    private static final int DIALS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final char[] PASSWORD = "not a secret".toCharArray();
    private static final Pattern PORT = Pattern.compile("(?:127\\.0\\.0\\.1:|/tcp/)([0-9]+)");

    enum Kind {
        WS("ws://127.0.0.1:0/", "GET / HTTP/1.1\r\n"),
        WSS("wss://127.0.0.1:0/", "\u0016\u0003\u0001\u0000\u00f8\u0001\u0000\u0000\u00f4\u0003\u0003"),
        LIBP2P("libp2p:/ip4/127.0.0.1/tcp/0", "\u0013/multistream/1.0.0\n");

        private final String address;
        /** A byte in each character. */
        private final String beginning;

        Kind(String address, String beginning) {
            this.address = address;
            this.beginning = beginning;
        }

        byte[] bytes() {
            return beginning.getBytes(StandardCharsets.ISO_8859_1);
        }

        TransportProvider provider(Path keys) throws Exception {
            if (this == LIBP2P) {
                return new Libp2pTransportProvider(Libp2pConfiguration.builder()
                        .maxPending(PLACES)
                        .firstByteTimeout(PATIENCE)
                        .build());
            }
            WebSocketConfiguration.Builder configuration =
                    WebSocketConfiguration.builder().maxPending(PLACES).firstByteTimeout(PATIENCE);
            if (this == WSS) {
                X509Certificate certificate = (X509Certificate)
                        KeyStore.getInstance(keys.toFile(), PASSWORD).getCertificate("hub");
                configuration
                        .serverKeyStore(keys, PASSWORD)
                        .pinnedCertificates(Set.of(WebSocketConfiguration.certificateHash(certificate)));
            }
            return new WebSocketTransportProvider(configuration.build());
        }
    }

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void strangersKeepTheirPlacesAndNobodyOut(Kind kind) throws Exception {
        Path keys = directory.resolve("keys.p12");
        if (kind == Kind.WSS) {
            Keytool.generate(keys, new String(PASSWORD), "hub", "CN=hub", "-ext", "san=ip:127.0.0.1");
        }
        TransportProvider provider = kind.provider(keys);
        try (Sync hub = sync(provider);
                Sync client = sync(provider)) {
            String address = get(hub.listen(kind.address)).address();
            Matcher port = PORT.matcher(address);
            assertThat(port.find()).as("a port in %s", address).isTrue();
            String bare = address.substring(0, address.indexOf('#'));
            try (SilentPeers strangers =
                    new SilentPeers(STRANGERS, provider, bare, Integer.parseInt(port.group(1)), kind.bytes())) {
                for (int i = 0; i < DIALS; i++) {
                    strangers.come();
                    // Nobody is put out for time: all who are, made room.
                    await().atMost(PATIENCE)
                            .pollInterval(Duration.ofMillis(20))
                            .untilAsserted(() -> assertThat(strangers.connected())
                                    .as("strangers with a place, of %d for their address", OF_ONE_ADDRESS)
                                    .isLessThanOrEqualTo(OF_ONE_ADDRESS));
                    assertThat(strangers.connected()).as("strangers in the way").isGreaterThan(OF_ONE_ADDRESS / 2);
                    strangers.dribble();
                    Session session = get(client.dial(address));
                    get(session.awaitEqual());
                    session.close();
                    get(session.closed());
                }
            }
        }
    }

    private static Sync sync(TransportProvider provider) {
        return Sync.builder(Database.inMemory())
                .transport(provider)
                .limits(SyncLimits.builder().connectTime(Duration.ofMinutes(5)).build())
                .build();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
