package dev.livesync.it.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.Endpoint;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.presence.PresenceEntry;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/board} in Chromium, with a Java peer that shows a pointer of its own. */
class BoardPageTest {
    private static final Path PROJECT = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."));

    @TempDir
    private Path directory;

    @Test
    void aPageAndAJavaPeerOnOneBoard() throws Exception {
        boolean there = Chromium.program().isPresent()
                && Files.isRegularFile(
                        PROJECT.resolve("examples/browser/node_modules/@fireproof/core/dist/src/fireproof.mjs"));
        assumeTrue(there, "NOT TESTED in a browser: needs chromium, and the packages of examples/browser");
        try (StaticPages pages = new StaticPages(PROJECT);
                Database here = Database.inMemory();
                Sync sync = Sync.builder(here)
                        .transport(new WebSocketTransportProvider(WebSocketConfiguration.builder()
                                .allowedOrigins(Set.of(pages.origin()))
                                .build()))
                        .build();
                Chromium browser =
                        Chromium.start(Chromium.program().orElseThrow(), directory.resolve("profile"), 900, 600)) {
            here.put("note-1", Map.of("text", "from Java", "x", 40, "y", 40));
            sync.presence().set("name", "Ada");
            sync.presence().set("pointer", Map.of("x", 0.25, "y", 0.5));
            Endpoint endpoint = sync.listen("ws://127.0.0.1:0/").get(60, TimeUnit.SECONDS);
            browser.open(pages.origin() + "/examples/board/index.html#" + endpoint.address());
            until(browser, "document.querySelector('#note-1 textarea')?.value === 'from Java'");
            until(browser, "document.querySelector('.pointer')?.textContent === 'Ada'");
            until(browser, "document.querySelector('.pointer').style.left === '25%'");
            until(browser, "document.querySelectorAll('#here li').length === 2");

            sync.presence().set("typing", "note-1");
            until(browser, "document.querySelector('#note-1 .typing').textContent.startsWith('Ada')");
            sync.presence().remove("typing");
            until(browser, "document.querySelector('#note-1 .typing').textContent === ''");
            Map<String, Object> seen = new ConcurrentHashMap<>();
            sync.presence().subscribe(entries -> seen.putAll(others(sync)));

            browser.evaluate("{ document.querySelector('#name').value = 'Grace';"
                    + "document.querySelector('#name').dispatchEvent(new Event('input'));"
                    + "const { left, top, width, height } = document.querySelector('#board').getBoundingClientRect();"
                    + "document.querySelector('#board').dispatchEvent(new PointerEvent('pointermove',"
                    + " { clientX: left + width / 2, clientY: top + height / 4 }));"
                    + "const text = document.querySelector('#note-1 textarea');"
                    + "text.value = 'from the page'; text.dispatchEvent(new Event('input')) }");
            eventually(() -> assertThat(seen)
                    .containsEntry("name", "Grace")
                    .containsEntry("typing", "note-1")
                    .containsKey("pointer"));
            Map<?, ?> pointer = (Map<?, ?>) others(sync).get("pointer");
            assertThat(((Number) pointer.get("x")).doubleValue()).isBetween(0.49, 0.51);
            eventually(() -> assertThat(here.get("note-1").orElseThrow().json()).contains("from the page"));

            browser.open("about:blank");
            eventually(() -> assertThat(others(sync)).isEmpty());
            assertThat(here.all()).as("of all that was shown nothing is stored").hasSize(1);
        }
    }

    private static Map<String, Object> others(Sync sync) {
        return sync.presence().entries().stream()
                .filter(entry -> !entry.own())
                .collect(Collectors.toMap(PresenceEntry::key, PresenceEntry::value));
    }

    private static void until(Chromium browser, String condition) {
        eventually(
                () -> assertThat(browser.evaluate("Boolean(" + condition + ")").asBoolean())
                        .as(condition)
                        .isTrue());
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptionsInstanceOf(RuntimeException.class)
                .untilAsserted(assertion);
    }
}
