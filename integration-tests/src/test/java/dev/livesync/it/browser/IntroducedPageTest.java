package dev.livesync.it.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.it.webrtc.RelayedWebSocket;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page whose alpha dials LiveSync through the shim, over what counts as relayed, and goes on over WebRTC. */
class IntroducedPageTest {
    private static final Path PROJECT =
            Path.of(System.getProperty("basedir", "."), "..").toAbsolutePath().normalize();
    private static final Path PACKAGES = PROJECT.resolve("examples/browser");

    @TempDir
    private Path directory;

    private final Database database = Database.inMemory();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private RelayedWebSocket wire;
    private Sync sync;
    private @Nullable Chromium browser;

    @BeforeEach
    void open() throws Exception {
        Path program = Chromium.program().orElse(null);
        assumeTrue(
                program != null
                        && Files.isRegularFile(PACKAGES.resolve("node_modules/@fireproof/core/dist/src/fireproof.mjs")),
                "NOT TESTED in a browser: needs chromium, and the packages of examples/browser");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> reply(
                        exchange,
                        "text/html",
                        "<!doctype html><meta charset=utf-8><script type=module src=/page.js></script>"
                                .getBytes(StandardCharsets.UTF_8)));
        server.createContext("/page.js", exchange -> {
            try (var in = Objects.requireNonNull(IntroducedPageTest.class.getResourceAsStream("introduced.js"))) {
                script(exchange, in.readAllBytes());
            }
        });
        server.createContext("/packages/", exchange -> script(exchange, file(PACKAGES, exchange)));
        server.createContext("/room/", exchange -> script(exchange, file(PROJECT.resolve("interop/room"), exchange)));
        server.start();
        String origin = "http://127.0.0.1:" + server.getAddress().getPort();
        wire = new RelayedWebSocket(
                WebSocketConfiguration.builder().allowedOrigins(Set.of(origin)).build());
        sync = Sync.builder(database)
                .transport(wire)
                .transport(new WebRtcTransportProvider())
                .listener(new SyncListener() {
                    @Override
                    public void sessionOpened(Session session) {
                        told.add(session.transport());
                    }

                    @Override
                    public void sessionClosed(Session session, @Nullable SyncException failure) {
                        told.add(failure == null ? "left" : failure.toString());
                    }
                })
                .build();
        browser = Chromium.start(program, directory, 800, 600);
        browser.open(origin + "/");
        browser.evaluate(
                "new Promise(resolve => { const look = () => window.introduced ? resolve() : setTimeout(look, 20);"
                        + " look() })");
    }

    @AfterEach
    void close() {
        if (browser != null) {
            browser.close();
        }
        if (sync != null) {
            sync.close();
        }
        if (server != null) {
            server.stop(0);
        }
        database.close();
    }

    @Test
    void aPageAndAProcessGoDirect() throws Exception {
        database.put("ours", "{\"v\":1}");
        call("put('theirs', 2)");
        assertThat(call("dial('" + door() + "', true)")).isEqualTo("DataLink");
        untilBothHave("ours", "theirs");
        assertThat(told).containsExactly("webrtc");
        long introduced = wire.sent();

        database.put("live", "{\"v\":\"" + "x".repeat(100_000) + "\"}");
        call("put('live too', 'x'.repeat(100000))");
        untilBothHave("live", "live too", "ours", "theirs");
        assertThat(wire.sent()).isEqualTo(introduced).isLessThan(16_000);

        call("leave()");
        await().atMost(Duration.ofMinutes(1)).until(() -> told.size() == 2);
        assertThat(told).containsExactly("webrtc", "left");
    }

    @Test
    void aPageThatDoesNotAskForItStaysWhereItIs() throws Exception {
        database.put("ours", "{\"v\":1}");
        assertThat(call("dial('" + door() + "', false)")).isEqualTo("SocketLink");
        untilBothHave("ours");
        assertThat(told).containsExactly("websocket");
    }

    private String door() throws Exception {
        Endpoint door = sync.listen("ws://127.0.0.1:0/").get(1, TimeUnit.MINUTES);
        return door.address();
    }

    private void untilBothHave(String... ids) {
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            assertThat(database.all().stream().map(Document::id))
                    .as(
                            "here; %s, the page says %s",
                            told, Objects.requireNonNull(browser).logged())
                    .containsExactlyInAnyOrder(ids);
            assertThat(call("all()")).as("in the page").isEqualTo("[\"" + String.join("\",\"", ids) + "\"]");
        });
    }

    private String call(String what) throws Exception {
        return Objects.requireNonNull(browser).evaluate("introduced." + what).asText();
    }

    private static byte[] file(Path root, HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        return Files.readAllBytes(root.resolve(path.substring(path.indexOf('/', 1) + 1)));
    }

    private static void script(HttpExchange exchange, byte[] bytes) throws IOException {
        reply(exchange, "text/javascript", bytes);
    }

    private static void reply(HttpExchange exchange, String type, byte[] bytes) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
