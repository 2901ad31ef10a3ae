package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code wss}: who is trusted, what both ends know of each other, and what goes wrong. */
class WebSocketTlsTest {
    private static TestKeys keys;
    private static WebSocketConfiguration server;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = TestKeys.shared();
        server = WebSocketConfiguration.builder()
                .serverKeyStore(keys.file(), TestKeys.PASSWORD)
                .build();
    }

    private static WebSocketConfiguration pinning(String hash) {
        return WebSocketConfiguration.builder().pinnedCertificates(Set.of(hash)).build();
    }

    private static SSLContext trusting(TestKeys issuer, String... protocols) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("issuer", issuer.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance(protocols.length == 0 ? "TLS" : protocols[0]);
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @Test
    void aPinnedCertificateIsEnoughAndIsTheBinding() throws Exception {
        // As openssl prints it.
        String pasted = keys.hash().toUpperCase(Locale.ROOT).replaceAll("(..)(?!$)", "$1:");
        try (Station there = new Station(server);
                Station here = new Station(pinning(pasted))) {
            Channel dialled = here.dial(there.listen("wss://127.0.0.1:0/").address());
            Channel accepted = there.arrival();
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(keys.certificate().getEncoded());
            assertThat(dialled.binding()).hasValue(hash);
            assertThat(accepted.binding()).hasValue(hash);
            dialled.binding().orElseThrow()[0]++;
            assertThat(dialled.binding()).as("a new array each time").hasValue(hash);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aTrustedIssuerAndTheRightNameAreEnough(String protocol) throws Exception {
        SSLContext trust = trusting(keys, protocol);
        try (Station there = new Station(server);
                Station here = new Station(
                        WebSocketConfiguration.builder().clientTls(trust).build())) {
            byte[] large = new byte[1 << 20];
            new SplittableRandom(1).nextBytes(large);
            Probe probe = there.probe(connected(here, there), 100);
            for (int i = 0; i < 20; i++) {
                Station.get(dialled.send(Message.binary(large)));
            }
            assertThat(probe.await(20))
                    .allSatisfy(message -> assertThat(message.payload()).isEqualTo(large));
        }
    }

    private Channel dialled;

    private Channel connected(Station here, Station there) throws Exception {
        dialled = here.dial(there.listen("wss://localhost:0/").address());
        return there.arrival();
    }

    @Test
    void aCertificateThatNobodyVouchesForIsNotTrusted() throws Exception {
        try (Station there = new Station(server);
                Station here = new Station(WebSocketConfiguration.defaults());
                Station pinsAnother = new Station(pinning("00".repeat(32)))) {
            String address = there.listen("wss://localhost:0/").address();
            for (Station each : new Station[] {here, pinsAnother}) {
                SyncException e = Station.failure(each.transport.dial(address));
                assertThat(e.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
                assertThat(e).hasMessageContaining(address);
            }
            assertThat(Station.failure(pinsAnother.transport.dial(address))).hasMessageContaining(keys.hash());
            assertThat(there.arrivals).isEmpty();
        }
    }

    @Test
    void aCertificateForAnotherNameIsNotTrusted() throws Exception {
        TestKeys other = TestKeys.generate("san=dns:somebody.example");
        SSLContext trust = trusting(other);
        try (Station there = new Station(WebSocketConfiguration.builder()
                        .serverKeyStore(other.file(), TestKeys.PASSWORD)
                        .build());
                Station here = new Station(
                        WebSocketConfiguration.builder().clientTls(trust).build())) {
            SyncException e = Station.failure(
                    here.transport.dial(there.listen("wss://localhost:0/").address()));
            assertThat(e.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        }
    }

    @Test
    void dialledWithTheWrongSchemeBothSaySo() throws Exception {
        try (Station there = new Station(server);
                Station here = new Station(pinning(keys.hash()))) {
            String secure = there.listen("wss://127.0.0.1:0/").address();
            String plain = there.listen("ws://127.0.0.1:0/").address();
            SyncException toPlain = Station.failure(here.transport.dial(plain.replace("ws:", "wss:")));
            assertThat(toPlain.kind()).isEqualTo(ErrorKind.UNREACHABLE);
            assertThat(toPlain).hasMessageContaining("does not speak TLS");
            SyncException toSecure = Station.failure(here.transport.dial(secure.replace("wss:", "ws:")));
            assertThat(toSecure.kind()).isEqualTo(ErrorKind.UNREACHABLE);
            assertThat(toSecure).hasMessageContaining("use wss");
            assertThat(there.arrivals).isEmpty();
        }
    }

    @Test
    void listeningTakesACertificate() throws Exception {
        try (Station here = new Station(WebSocketConfiguration.defaults())) {
            SyncException e = Station.failure(here.transport.listen("wss://127.0.0.1:0/", here.arrivals::add));
            assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION);
            assertThat(e).hasMessageContaining("serverKeyStore");
        }
    }

    @Test
    void keyStoresThatAreNoneAreNamed(@TempDir Path directory) throws Exception {
        Path missing = directory.resolve("missing.p12");
        Path nonsense = Files.writeString(directory.resolve("nonsense.p12"), "no key store");
        KeyStore trustOnly = KeyStore.getInstance("PKCS12");
        trustOnly.load(null, null);
        trustOnly.setCertificateEntry("x", keys.certificate());
        Path noKey = directory.resolve("no-key.p12");
        try (var out = Files.newOutputStream(noKey)) {
            trustOnly.store(out, TestKeys.PASSWORD);
        }
        for (Path file : new Path[] {missing, nonsense, noKey}) {
            assertThatThrownBy(() -> WebSocketConfiguration.builder().serverKeyStore(file, TestKeys.PASSWORD))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
                    .hasMessageContaining(file.getFileName().toString());
        }
        assertThatThrownBy(() -> WebSocketConfiguration.builder().serverKeyStore(keys.file(), "wrong".toCharArray()))
                .isInstanceOf(SyncException.class)
                .hasMessageNotContaining("wrong");
    }

    @Test
    void configurationsCheckWhatTheyAreTold() {
        var builder = WebSocketConfiguration.builder();
        for (Runnable wrong : Arrays.<Runnable>asList(
                () -> builder.maxMessageBytes(1023),
                () -> builder.sendBufferBytes(0),
                () -> builder.receiveBufferBytes(0),
                () -> builder.maxConnections(0),
                () -> builder.pingInterval(Duration.ofMillis(1)),
                () -> builder.pingInterval(Duration.ofSeconds(-1)),
                () -> builder.pinnedCertificates(Set.of("abc")))) {
            assertThatThrownBy(wrong::run)
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION));
        }
        WebSocketConfiguration all = builder.maxMessageBytes(2048)
                .sendBufferBytes(3)
                .receiveBufferBytes(4)
                .maxConnections(5)
                .pingInterval(Duration.ZERO)
                .allowPlaintextOffLoopback(true)
                .allowedOrigins(Set.of(" HTTPS://A.example "))
                .pinnedCertificates(Set.of("AB".repeat(32)))
                .build();
        WebSocketConfiguration copy = all.toBuilder().build();
        assertThat(copy).usingRecursiveComparison().isEqualTo(all);
        assertThat(copy.allowedOrigins()).containsExactly("https://a.example");
        assertThat(copy.pinnedCertificates()).containsExactly("ab".repeat(32));
        assertThat(WebSocketConfiguration.frugal().maxMessageBytes()).isEqualTo(256 * 1024);
    }

    @Test
    void aConnectionCutOffInTlsHasBroken() throws Exception {
        try (Station there = new Station(server)) {
            int port =
                    Address.parse(there.listen("wss://127.0.0.1:0/").address()).port();
            SSLContext trust = trusting(keys);
            try (SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket("localhost", port)) {
                socket.getOutputStream().write(RawPeer.request("/", "").getBytes(StandardCharsets.US_ASCII));
                byte[] answer = socket.getInputStream().readNBytes(12);
                assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 101");
                Probe probe = there.probe(there.arrival(), 1);
                socket.close();
                assertThat(probe.awaitClose().failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
            }
        }
    }

    @Test
    void anUnfinishedTlsHandshakeEndsInTime() throws Exception {
        try (Station there =
                new Station(server, new TestContext(1 << 20, Duration.ofMillis(300), Duration.ofSeconds(10)))) {
            String address = there.listen("wss://127.0.0.1:0/").address();
            try (RawPeer silent = RawPeer.dial(address);
                    RawPeer nonsense = RawPeer.dial(address)) {
                nonsense.write("GET / HTTP/1.1\r\n\r\n");
                for (RawPeer peer : new RawPeer[] {silent, nonsense}) {
                    try {
                        peer.readToEnd();
                    } catch (java.io.IOException e) {
                        assertThat(e).hasMessageContaining("reset");
                    }
                }
            }
            assertThat(there.arrivals).isEmpty();
        }
    }
}
