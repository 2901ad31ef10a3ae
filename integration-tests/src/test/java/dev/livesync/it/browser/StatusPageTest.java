package dev.livesync.it.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.cli.web.MonitoredDatabase;
import dev.livesync.cli.web.StatusServer;
import dev.livesync.database.Database;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status page in Chromium: with a mouse, with a keyboard, as a screen reader is told, on a phone and in the dark. */
class StatusPageTest {
    private static final Path PROJECT = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."));
    private static final String TOKEN = "a-token-of-some-length-0123456789";
    private static final int SESSIONS = 24;

    private final Database hub = Database.inMemory();
    private final Database client = Database.inMemory();
    private final Sync here = Sync.builder(hub).transport("memory").build();
    private final Sync there = Sync.builder(client).transport("memory").build();
    private StatusServer server;

    @TempDir
    private Path directory;

    @BeforeEach
    void serve() throws Exception {
        assumeTrue(Chromium.program().isPresent(), "NOT TESTED in a browser: needs chromium");
        Grants grants = Grants.inMemory();
        for (String name : List.of("phone", "tablet", "archive")) {
            grants.add(new Grant(
                    name,
                    "the-secret-of-the-grant-of-" + name + "-0123",
                    Rights.READ_WRITE,
                    Optional.empty(),
                    Set.of()));
        }
        hub.put("todo-1", "{\"text\":\"Buy bread\"}");
        client.put("todo-1", "{\"text\":\"Buy rolls\"}");
        client.put("todo-2", "{}");
        client.delete("todo-2");
        String address = here.listen("memory:status-page", grants).join().address();
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
            String grant = grants.list().get(i % 3).secret();
            sessions.add(there.dial(address, grant).join());
        }
        for (Session session : sessions) {
            session.awaitEqual().join();
        }
        assertThat(there.dial(address, "x".repeat(32))
                        .handle((s, failure) -> failure)
                        .join())
                .isNotNull();
        hub.put("todo-3", "{\"text\":\"Buy milk\"}");
        server = StatusServer.start(
                0,
                () -> List.of(
                        new MonitoredDatabase("orders", hub, here),
                        new MonitoredDatabase("nobody's <b id=injected>", client, null)),
                InstantSource.system(),
                TOKEN);
    }

    @AfterEach
    void end() {
        if (server != null) {
            server.close();
        }
        there.close();
        here.close();
        hub.close();
        client.close();
    }

    @Test
    void thePageShowsWhatIsGoingOn() throws Exception {
        try (Chromium browser =
                Chromium.start(Chromium.program().orElseThrow(), directory.resolve("profile"), 1200, 900)) {
            browser.emulate(1200, 900, false);
            browser.open(server.address().replace("#", "?every=200#"));
            until(browser, "document.querySelector('#state').dataset.state === 'live'");
            until(browser, "document.querySelectorAll('tbody tr').length === " + SESSIONS);
            until(browser, "document.querySelectorAll('.clock circle').length >= 3");
            until(browser, "document.querySelectorAll('.refusals li').length === 1");
            assertThat(text(browser, "[...document.querySelectorAll('h2')].map(h => h.textContent).join()"))
                    .isEqualTo("orders,nobody's <b id=injected>");
            assertThat(yes(browser, "document.querySelector('#injected') === null"))
                    .isTrue();
            assertThat(text(browser, "document.querySelector('tbody').textContent"))
                    .contains("phone", "tablet", "archive", "memory");

            theyAreFoundAndOrderedByTheKeyboard(browser);
            aScreenReaderIsTold(browser);
            somethingPasses(browser);
            pictures(browser);

            assertThat(browser.logged())
                    .as("errors in the page, and what its policy forbids")
                    .isEmpty();
            server.close();
            until(browser, "document.querySelector('#state').dataset.state === 'gone'");
        }
    }

    private static void theyAreFoundAndOrderedByTheKeyboard(Chromium browser) throws Exception {
        browser.evaluate("document.querySelector('thead th:nth-child(2) button').focus()");
        assertThat(yes(browser, "document.activeElement.textContent === 'Grant'"))
                .isTrue();
        browser.evaluate("document.activeElement.click()");
        assertThat(text(browser, "document.querySelector('thead th:nth-child(2)').getAttribute('aria-sort')"))
                .isEqualTo("ascending");
        assertThat(text(browser, "document.querySelector('tbody tr td:nth-child(2)').textContent"))
                .isEqualTo("archive");
        browser.evaluate("document.activeElement.click()");
        assertThat(text(browser, "document.querySelector('tbody tr td:nth-child(2)').textContent"))
                .isEqualTo("tablet");
        browser.evaluate("{ const find = document.querySelector('#find'); find.value = 'archive';"
                + " find.dispatchEvent(new Event('input')) }");
        until(browser, "document.querySelectorAll('tbody tr').length === " + SESSIONS / 3);
        browser.evaluate("{ const find = document.querySelector('#find'); find.value = '';"
                + " find.dispatchEvent(new Event('input')) }");
        until(browser, "document.querySelectorAll('tbody tr').length === " + SESSIONS);
        // Whatever can be used can be reached by Tab, and what scrolls, too.
        assertThat(yes(
                        browser,
                        "[...document.querySelectorAll('button, input, a, .scroll')].every(e => e.tabIndex >= 0)"))
                .isTrue();
    }

    private static void aScreenReaderIsTold(Chromium browser) throws Exception {
        assertThat(yes(browser, "document.documentElement.lang === 'en'")).isTrue();
        assertThat(yes(browser, "document.querySelector('#state').getAttribute('role') === 'status'"))
                .isTrue();
        assertThat(
                        yes(
                                browser,
                                "[...document.querySelectorAll('section')].every(s => document.getElementById(s.getAttribute('aria-labelledby')))"))
                .isTrue();
        assertThat(yes(browser, "[...document.querySelectorAll('thead th')].every(h => h.scope === 'col')"))
                .isTrue();
        assertThat(yes(browser, "[...document.querySelectorAll('tbody th')].every(h => h.scope === 'row')"))
                .isTrue();
        assertThat(yes(browser, "[...document.querySelectorAll('input')].every(i => i.labels.length > 0)"))
                .isTrue();
        assertThat(
                        yes(
                                browser,
                                "[...document.querySelectorAll('svg')].every(s => s.getAttribute('aria-hidden') || s.getAttribute('aria-label'))"))
                .isTrue();
    }

    private void somethingPasses(Chromium browser) throws Exception {
        for (int i = 1; i <= 15; i++) {
            for (int j = i % 4; j >= 0; j--) {
                hub.put("todo-" + (3 + i + j), "{\"text\":\"Buy " + i + " pears\"}");
            }
            int samples = 3 + i;
            until(browser, "document.querySelector('.tiles path').getAttribute('d').split('L').length >= " + samples);
        }
        assertThat(text(browser, "document.querySelector('.tiles div:nth-child(5) dd').textContent"))
                .as("documents")
                .isNotEqualTo("2");
    }

    /** On a screen, in the dark, and on a phone, where nothing is wider than the screen. */
    private void pictures(Chromium browser) throws Exception {
        save("status.png", browser.picture());
        browser.emulate(1200, 900, true);
        until(browser, "getComputedStyle(document.body).backgroundColor === 'rgb(19, 22, 29)'");
        save("status-dark.png", browser.picture());
        browser.emulate(390, 844, false);
        until(browser, "innerWidth === 390 && document.documentElement.scrollWidth <= 390");
        browser.evaluate("document.querySelector('.sessions').scrollIntoView()");
        save("status-phone.png", browser.picture());
        for (boolean dark : new boolean[] {false, true}) {
            browser.emulate(1200, 900, dark);
            until(browser, "matchMedia('(prefers-color-scheme: dark)').matches === " + dark);
            assertThat(browser.evaluate(LEAST_CONTRAST).asDouble())
                    .as(dark ? "contrast in the dark" : "contrast")
                    .isGreaterThanOrEqualTo(4.5);
        }
    }

    /** The least contrast of any text to what is behind it, as WCAG computes it. */
    private static final String LEAST_CONTRAST = """
            (() => {
              const rgb = c => c.match(/[\\d.]+/g).map(Number)
              const luminance = c => rgb(c).slice(0, 3).map(v => v / 255)
                .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
              const behind = e => {
                for (; e; e = e.parentElement) {
                  const c = getComputedStyle(e).backgroundColor
                  if ((rgb(c)[3] ?? 1) > 0) return c
                }
                return 'rgb(255, 255, 255)'
              }
              let least = 21
              for (const e of document.querySelectorAll('main *, header *')) {
                if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue
                const [a, b] = [luminance(getComputedStyle(e).color), luminance(behind(e))]
                least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05))
              }
              return least
            })()
            """;

    private static void save(String name, byte[] picture) throws Exception {
        Path file = Files.write(Path.of("target", name), picture);
        if (Boolean.getBoolean("picture.update")) {
            Files.copy(file, PROJECT.resolve("docs/images/" + name), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void aWrongTokenIsSaid() throws Exception {
        try (Chromium browser =
                Chromium.start(Chromium.program().orElseThrow(), directory.resolve("profile"), 900, 600)) {
            browser.open(server.address() + "x");
            until(browser, "document.querySelector('#state').textContent.includes('secret')");
            assertThat(text(browser, "document.querySelector('main').textContent"))
                    .isEmpty();
        }
    }

    private static boolean yes(Chromium browser, String condition) throws Exception {
        return browser.evaluate("Boolean(" + condition + ")").asBoolean();
    }

    private static String text(Chromium browser, String expression) throws Exception {
        return browser.evaluate(expression).asText();
    }

    private static void until(Chromium browser, String condition) {
        await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptionsInstanceOf(RuntimeException.class)
                .untilAsserted(
                        () -> assertThat(yes(browser, condition)).as(condition).isTrue());
    }
}
