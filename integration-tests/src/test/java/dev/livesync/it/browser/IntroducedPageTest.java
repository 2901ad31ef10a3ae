package dev.livesync.it.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.it.room.ServedRoom;
import dev.livesync.transport.partykit.PartyKitTransportProvider;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page whose alpha dials LiveSync in a room of workerd's, through the shim, and goes on over WebRTC, or stays where there is no way. */
class IntroducedPageTest {
    private static final Path PROJECT =
            Path.of(System.getProperty("basedir", "."), "..").toAbsolutePath().normalize();
    private static final Path PACKAGES = PROJECT.resolve("examples/browser");
    private static final Duration SOON = Duration.ofMinutes(1);

    @TempDir
    private static Path directory;

    private static volatile String pageOfTheDocs = "";
    private static @Nullable HttpServer server;
    private static @Nullable ServedRoom rooms;
    private static @Nullable Chromium browser;

    private final Database database = Database.inMemory();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Sync sync = Sync.builder(database)
            .transport(new PartyKitTransportProvider())
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

    @BeforeAll
    static void serve() throws Exception {
        Path program = Chromium.program().orElse(null);
        assumeTrue(
                program != null
                        && Files.isRegularFile(PACKAGES.resolve("node_modules/@fireproof/core/dist/src/fireproof.mjs")),
                "NOT TESTED in a browser: needs chromium, and the packages of examples/browser");
        rooms = ServedRoom.start(ServedRoom.Runtime.WORKERD);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> reply(
                        exchange,
                        "text/html",
                        "<!doctype html><meta charset=utf-8><script type=module src=/page.js></script>"
                                .getBytes(StandardCharsets.UTF_8)));
        server.createContext(
                "/docs", exchange -> reply(exchange, "text/html", pageOfTheDocs.getBytes(StandardCharsets.UTF_8)));
        server.createContext(
                "/node_modules/", exchange -> script(exchange, file(PACKAGES.resolve("node_modules"), exchange)));
        server.createContext("/page.js", exchange -> {
            try (var in = Objects.requireNonNull(IntroducedPageTest.class.getResourceAsStream("introduced.js"))) {
                script(exchange, in.readAllBytes());
            }
        });
        server.createContext("/packages/", exchange -> script(exchange, file(PACKAGES, exchange)));
        server.createContext("/room/", exchange -> script(exchange, file(PROJECT.resolve("interop/room"), exchange)));
        server.start();
        browser = Chromium.start(program, directory, 800, 600);
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.stop(0);
        }
        if (rooms != null) {
            rooms.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        page().open(origin());
        page().evaluate(
                        "new Promise(resolve => { const look = () => window.introduced ? resolve() : setTimeout(look, 20);"
                                + " look() })");
    }

    @AfterEach
    void close() {
        sync.close();
        database.close();
    }

    @Test
    void aPageAndAProcessGoDirectAndTheRoomMayGo() throws Exception {
        database.put("ours", "{\"v\":1}");
        call("put('theirs', 2)");
        assertThat(call("dial('" + door("direct") + "', true)")).isEqualTo("DataLink");
        untilBothHave("ours", "theirs");
        assertThat(told).containsExactly("webrtc");

        ServedRoom killed = Objects.requireNonNull(rooms);
        killed.close();
        database.put("live", "{\"v\":\"" + "x".repeat(1_000_000) + "\"}");
        call("put('live too', 'x'.repeat(1000000))");
        untilBothHave("live", "live too", "ours", "theirs");
        assertThat(told).containsExactly("webrtc");

        call("leave()");
        await().atMost(SOON).until(() -> told.size() == 2);
        assertThat(told).containsExactly("webrtc", "left");
        killed.restart();
    }

    @Test
    void aPageThatIsDialledGoesDirectToo() throws Exception {
        database.put("ours", "{\"v\":1}");
        call("put('theirs', 2)");
        String seat = "partykit+" + Objects.requireNonNull(rooms).room("dialled") + "/page";
        String secret = "P".repeat(43);
        call("offer('" + seat + "#" + secret + "')");
        Session session = sync.dial(seat, secret).get(1, TimeUnit.MINUTES);
        untilBothHave("ours", "theirs");
        assertThat(session.transport()).isEqualTo("webrtc");
        session.close();
        await().atMost(SOON).until(() -> told.size() == 2);
        assertThat(told).containsExactly("webrtc", "left");
    }

    @Test
    void aPageWithoutWebRtcStaysInTheRoom() throws Exception {
        database.put("ours", "{\"v\":1}");
        call("put('theirs', 2)");
        page().evaluate("void delete window.RTCPeerConnection");
        assertThat(call("dial('" + door("without") + "', true)")).isEqualTo("Channel");
        untilBothHave("ours", "theirs");
        database.put("live", "{\"v\":3}");
        call("put('live too', 4)");
        untilBothHave("live", "live too", "ours", "theirs");
        assertThat(told).containsExactly("partykit");
    }

    /** Its UDP goes nowhere: it may use relays only, and has none. */
    @Test
    void aPageWithoutAPathStaysInTheRoom() throws Exception {
        database.put("ours", "{\"v\":1}");
        call("put('theirs', 2)");
        page().evaluate("void (window.RTCPeerConnection = class extends RTCPeerConnection {"
                + " constructor (options) { super({ ...options, iceTransportPolicy: 'relay' }) } })");
        assertThat(call("dial('" + door("blocked") + "', { patience: 500 })")).isEqualTo("Channel");
        untilBothHave("ours", "theirs");
        database.put("live", "{\"v\":3}");
        call("put('live too', 4)");
        untilBothHave("live", "live too", "ours", "theirs");
        assertThat(told).containsExactly("partykit");
    }

    @Test
    void aPageThatDoesNotAskForItStaysWhereItIs() throws Exception {
        database.put("ours", "{\"v\":1}");
        assertThat(call("dial('" + door("unasked") + "', false)")).isEqualTo("Channel");
        untilBothHave("ours");
        assertThat(told).containsExactly("partykit");
    }

    /** The page of {@code docs/transports/partykit.md}, with a real address in it. */
    @Test
    void thePageOfTheDocsJoins() throws Exception {
        database.put("ours", "{\"v\":1}");
        String place = "partykit+" + Objects.requireNonNull(rooms).room("docs");
        String secret = "S".repeat(43);
        assertThat(sync.listen(place + "/", secret).get(1, TimeUnit.MINUTES).address())
                .startsWith(place);
        String docs = Files.readString(PROJECT.resolve("docs/transports/partykit.md"));
        Matcher block = Pattern.compile("```html\n(.*?)```", Pattern.DOTALL).matcher(docs);
        assertThat(block.find()).isTrue();
        String told = "partykit://rooms.example/parties/livesync/ROOM#SECRET";
        assertThat(block.group(1)).contains(told);
        pageOfTheDocs = block.group(1).replace(told, place + "#" + secret);
        page().open(origin() + "docs");
        await().atMost(SOON).until(() -> database.get("hello").isPresent());
        assertThat(page().evaluate("document.title").asText()).isEqualTo("connected");
        assertThat(this.told).containsExactly("webrtc");
    }

    private static String origin() {
        return "http://127.0.0.1:" + Objects.requireNonNull(server).getAddress().getPort() + "/";
    }

    /** Where the process is. */
    private String door(String room) throws Exception {
        String place = "partykit+" + Objects.requireNonNull(rooms).room(room) + "/";
        return sync.listen(place).get(1, TimeUnit.MINUTES).address();
    }

    private static Chromium page() {
        return Objects.requireNonNull(browser);
    }

    private void untilBothHave(String... ids) {
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(database.all().stream().map(Document::id))
                    .as("here; %s, the page says %s", told, page().logged())
                    .containsExactlyInAnyOrder(ids);
            assertThat(call("all()")).as("in the page").isEqualTo("[\"" + String.join("\",\"", ids) + "\"]");
        });
    }

    private static String call(String what) throws Exception {
        return page().evaluate("introduced." + what).asText();
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
