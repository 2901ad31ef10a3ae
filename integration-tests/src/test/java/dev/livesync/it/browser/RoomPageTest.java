package dev.livesync.it.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.it.alpha.NodeProcess;
import dev.livesync.it.room.ServedRoom;
import dev.livesync.it.room.ShimAlpha;
import dev.livesync.transport.partykit.PartyKitTransportProvider;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/browser/room.html} in Chromium: an unmodified alpha with the shim, in a room of workerd's and at our own listener. */
class RoomPageTest {
    private static final Path PROJECT = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."));
    private static final String SECRET = "an-open-secret-of-the-tests-only";

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    @BeforeAll
    static void needsABrowserAndThePagesPackages() {
        boolean there = Chromium.program().isPresent()
                && Files.isRegularFile(
                        PROJECT.resolve("examples/browser/node_modules/@fireproof/core/dist/src/fireproof.mjs"));
        String otherwise =
                "NOT TESTED in a browser: needs chromium, and Node and npm, with which `mvn verify` installs the packages of examples/browser";
        if (!there) {
            System.err.println(otherwise);
        }
        assumeTrue(there, otherwise);
    }

    @Test
    void aPageAndAnAlphaInNodeInOneRoom() throws Exception {
        try (ServedRoom server = ServedRoom.start(ServedRoom.Runtime.WORKERD);
                NodeProcess node = NodeProcess.inRooms("0.8.0");
                StaticPages pages = new StaticPages(PROJECT);
                Chromium browser = phone()) {
            String place = "partykit+" + server.room("list") + "/hub#" + SECRET;
            ShimAlpha alpha = new ShimAlpha(node);
            alpha.put("item-1", item("bread, two loaves", true));
            alpha.put("item-2", item("apples", false));
            alpha.offer(place);
            open(browser, pages, place);
            until(browser, "status.dataset.state === 'equal' && items.length === 2");

            alpha.put("item-3", item("tea", false));
            until(browser, "items.some(i => i.innerText.includes('tea'))");
            add(browser, "soap");
            await().atMost(PATIENCE).until(() -> alpha.all().size() == 4);

            server.restart();
            until(browser, "status.dataset.state === 'gone'");
            alpha.put("item-4", item("salt", false));
            alpha.offer(place);
            until(browser, "status.dataset.state === 'equal' && items.some(i => i.innerText.includes('salt'))");
            assertQuiet(browser);
        }
    }

    @Test
    void aPageAnAlphaInNodeAndJavaInOneRoom() throws Exception {
        try (ServedRoom server = ServedRoom.start(ServedRoom.Runtime.WORKERD);
                NodeProcess node = NodeProcess.inRooms("0.8.0");
                StaticPages pages = new StaticPages(PROJECT);
                Database here = Database.inMemory();
                Sync sync = Sync.builder(here)
                        .transport(new PartyKitTransportProvider())
                        .transport(new WebRtcTransportProvider())
                        .build();
                Chromium browser = phone()) {
            here.put("item-1", item("bread, two loaves", true));
            Endpoint endpoint = sync.listen("partykit+" + server.room("list") + "/hub", SECRET)
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
            ShimAlpha alpha = new ShimAlpha(node);
            alpha.put("item-2", item("apples", false));
            alpha.dial(endpoint.address());
            open(browser, pages, endpoint.address());
            until(browser, "status.dataset.state === 'equal' && items.length === 2");

            here.put("item-3", item("tea", false));
            until(browser, "items.some(i => i.innerText.includes('tea'))");
            alpha.put("item-4", item("pears", false));
            until(browser, "items.some(i => i.innerText.includes('pears'))");
            add(browser, "soap");
            await().atMost(PATIENCE).until(() -> ShimAlpha.documents(here).size() == 5);
            alpha.awaitEqual(here);
            picture(browser);

            // The alpha in Node has no WebRTC; the page has, and needs the room no more.
            assertThat(sync.sessions().stream().map(Session::transport))
                    .containsExactlyInAnyOrder("partykit", "webrtc");
            server.close();
            here.put("item-6", item("rice", false));
            until(browser, "items.some(i => i.innerText.includes('rice'))");
            add(browser, "salt");
            await().atMost(PATIENCE).until(() -> ShimAlpha.documents(here).size() == 7);
            until(browser, "status.dataset.state === 'equal'");
            assertQuiet(browser);
        }
    }

    @Test
    void aPageAtOurListener() throws Exception {
        try (StaticPages pages = new StaticPages(PROJECT);
                Database here = Database.inMemory();
                Sync sync = Sync.builder(here)
                        .transport(new WebSocketTransportProvider(WebSocketConfiguration.builder()
                                .allowedOrigins(Set.of(pages.origin()))
                                .build()))
                        .build();
                Chromium browser = phone()) {
            here.put("item-1", item("bread", false));
            Endpoint endpoint = sync.listen("ws://127.0.0.1:0/", SECRET)
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
            open(browser, pages, endpoint.publicAddress() + "#another-secret-of-the-tests-only");
            until(browser, "status.dataset.state === 'failed' && status.innerText.includes('AUTHENTICATION')");
            open(browser, pages, endpoint.address());
            until(browser, "status.dataset.state === 'equal' && items.length === 1");
            add(browser, "milk");
            await().atMost(PATIENCE).until(() -> ShimAlpha.documents(here).size() == 2);
            here.put("item-1", item("bread, two loaves", true));
            until(browser, "items.some(i => i.innerText.includes('two loaves') && i.classList.contains('done'))");
            assertQuiet(browser);
        }
    }

    private Chromium phone() throws Exception {
        return Chromium.start(Chromium.program().orElseThrow(), directory.resolve("profile"), 390, 844);
    }

    /** As somebody does who follows a link. A new fragment alone loads nothing. */
    private static void open(Chromium browser, StaticPages pages, String address) throws Exception {
        browser.open("about:blank");
        browser.emulate(390, 844, false);
        browser.open(pages.origin() + "/examples/browser/room.html#" + address);
    }

    private static void add(Chromium browser, String text) throws Exception {
        browser.evaluate("document.querySelector('#text').value = '" + text + "';"
                + "document.querySelector('#add button').click()");
        until(browser, "items.some(i => i.innerText.includes('" + text + "'))");
    }

    private static void picture(Chromium browser) throws Exception {
        Path picture = Files.write(Path.of("target", "room.png"), browser.picture());
        if (Boolean.getBoolean("picture.update")) {
            Files.copy(picture, PROJECT.resolve("docs/images/room.png"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** A library inside the alpha asks whether it may eval, and what a browser says of a room that is away is not ours. */
    private static void assertQuiet(Chromium browser) {
        assertThat(browser.logged())
                .as("errors in the page")
                .filteredOn(entry ->
                        !entry.contains("\"source\":\"security\"") && !entry.contains("WebSocket connection to"))
                .isEmpty();
    }

    private static Map<String, Object> item(String text, boolean done) {
        return Map.of("text", text, "done", done);
    }

    /** Waits for a condition on {@code status} and {@code items}. */
    private static void until(Chromium browser, String condition) {
        String expression = "(() => { const status = document.querySelector('#status');"
                + "const items = [...document.querySelectorAll('#items li')];"
                + "return Boolean(" + condition + ") })()";
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .conditionEvaluationListener(state -> {})
                .untilAsserted(() -> assertThat(browser.evaluate(expression).asBoolean())
                        .as(() -> condition + " in the page")
                        .isTrue());
    }
}
