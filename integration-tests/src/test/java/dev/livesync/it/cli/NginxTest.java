package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.PeerInfo;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.it.Keytool;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Key;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy that ends TLS in front of a listener, configured by what {@code docs/transports/websocket.md} shows. */
class NginxTest {
    private static final Path PAGE = Path.of("../docs/transports/websocket.md");
    private static final Pattern BLOCK = Pattern.compile("```nginx\n(.*?)```\n", Pattern.DOTALL);
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path directory;

    private Path secret;
    private Path keyStore;
    private Path passwordFile;

    @BeforeAll
    static void needsNginx() {
        boolean there = Nginx.program().isPresent();
        String otherwise = "NOT TESTED behind a proxy: needs nginx";
        if (!there) {
            System.err.println(otherwise);
        }
        assumeTrue(there, otherwise);
    }

    @BeforeEach
    void makeKeys() throws Exception {
        secret = directory.resolve("secret");
        keyStore = directory.resolve("hub.p12");
        passwordFile = directory.resolve("password");
        confidential(passwordFile, PASSWORD);
        Keytool.generate(keyStore, PASSWORD, "hub", "CN=hub.example", "-ext", "san=dns:hub.example");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(Files.readAllBytes(keyStore)), PASSWORD.toCharArray());
        Key key = store.getKey("hub", PASSWORD.toCharArray());
        pem("hub.crt", "CERTIFICATE", store.getCertificate("hub").getEncoded());
        pem("hub.key", "PRIVATE KEY", key.getEncoded());
    }

    private void pem(String file, String what, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        Files.writeString(
                directory.resolve(file), "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
    }

    private static void confidential(Path file, String line) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, line + "\n");
    }

    private String pin() throws Exception {
        KeyStore store = KeyStore.getInstance(keyStore.toFile(), PASSWORD.toCharArray());
        byte[] hash = MessageDigest.getInstance("SHA-256")
                .digest(store.getCertificate("hub").getEncoded());
        return HexFormat.of().formatHex(hash);
    }

    /** The page's configuration, in front of a listener at this address. */
    private Nginx nginx(String listening) throws IOException {
        return nginx(listening, "75s");
    }

    private Nginx nginx(String listening, String silence) throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(PAGE));
        assertThat(block.find()).as("a configuration for nginx in %s", PAGE).isTrue();
        String site = Nginx.substitute(block.group(1), "/etc/livesync/", directory + "/");
        site = Nginx.substitute(site, "proxy_read_timeout 75s;", "proxy_read_timeout " + silence + ";");
        return Nginx.start(
                directory.resolve("nginx"),
                Nginx.substitute(site, "proxy_pass http://127.0.0.1:8080/;", "proxy_pass " + listening + "/;"));
    }

    private static String without(String address) {
        return address.substring(0, address.indexOf("/#"));
    }

    @Test
    void whereTlsEndsAtTheProxyAllGetInStep() throws Exception {
        Stored.put(directory.resolve("hub"), "a", "{\"n\":1}");
        Stored.put(directory.resolve("b"), "b", "{\"n\":2}");
        try (Command listen = Command.start(
                        "listen", directory.resolve("hub"), "ws://127.0.0.1:0/", "--secret-file", secret);
                Nginx nginx = nginx(without(listen.line(1)).replace("ws:", "http:"));
                Command dial = dial(nginx)) {
            dial.succeeded();
            listen.terminate();
            listen.succeeded();
        }
        inStep();
    }

    @Test
    void throughTheProxyToTlsOfTheSameCertificateAllGetInStep() throws Exception {
        Stored.put(directory.resolve("hub"), "a", "{\"n\":1}");
        Stored.put(directory.resolve("b"), "b", "{\"n\":2}");
        try (Command listen = Command.start(
                        "listen",
                        directory.resolve("hub"),
                        "wss://127.0.0.1:0/",
                        "--secret-file",
                        secret,
                        "--keystore",
                        keyStore,
                        "--keystore-password-file",
                        passwordFile);
                Nginx nginx = nginx(without(listen.line(1)).replace("wss:", "https:"));
                Command dial = dial(nginx)) {
            dial.succeeded();
            listen.terminate();
            listen.succeeded();
        }
        inStep();
    }

    private void inStep() {
        Stored.equal(directory.resolve("hub"), directory.resolve("b"), "heads and documents");
        assertThat(Stored.in(directory.resolve("b"))).containsExactly("a {\"n\":1}", "b {\"n\":2}");
    }

    /** Pings several times within what the proxy allows, and silence for longer than that. */
    @Test
    void aSilentSessionOutlivesTheProxysPatience() throws Exception {
        Duration patience = Duration.ofSeconds(5);
        WebSocketConfiguration configuration = WebSocketConfiguration.builder()
                .pingInterval(Duration.ofSeconds(1))
                .pinnedCertificates(Set.of(pin()))
                .build();
        try (Database hub = Database.inMemory();
                Database b = Database.inMemory();
                Sync listening = sync(hub, configuration);
                Sync dialling = sync(b, configuration)) {
            String address = get(listening.listen("ws://127.0.0.1:0/")).address();
            try (Nginx nginx = nginx(without(address).replace("ws:", "http:"), patience.toSeconds() + "s")) {
                Session session =
                        get(dialling.dial(nginx.address() + "sync/" + address.substring(address.indexOf('#'))));
                get(session.backlog());
                await().atMost(patience.multipliedBy(10))
                        .during(patience.plusSeconds(2))
                        .until(() -> !session.closed().isDone());
                hub.put("late", "{}");
                await().atMost(patience.multipliedBy(10))
                        .until(() -> b.get("late").isPresent());
                assertThat(session.peer().authentication()).isEqualTo(PeerInfo.Authentication.SEALED);
            }
        }
    }

    private static Sync sync(Database database, WebSocketConfiguration configuration) {
        return Sync.builder(database)
                .transport(new WebSocketTransportProvider(configuration))
                .build();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    /** A wrong secret stays one, behind the proxy too. */
    @Test
    void aWrongSecretIsCalledOneBehindTheProxyToo() throws Exception {
        try (Command listen = Command.start(
                        "listen",
                        directory.resolve("hub"),
                        "wss://127.0.0.1:0/",
                        "--keystore",
                        keyStore,
                        "--keystore-password-file",
                        passwordFile);
                Nginx nginx = nginx(without(listen.line(1)).replace("wss:", "https:"))) {
            confidential(secret, "A".repeat(43));
            try (Command dial = dial(nginx)) {
                assertThat(dial.failed(1)).contains("secret").doesNotContain("TLS");
            }
            assertThat(listen.message(line -> line.contains("did not prove")))
                    .contains("secret")
                    .doesNotContain("TLS");
        }
    }

    private Command dial(Nginx nginx) throws Exception {
        return Command.start(
                "dial",
                directory.resolve("b"),
                nginx.address() + "sync/",
                "--once",
                "--secret-file",
                secret,
                "--pin",
                pin());
    }
}
