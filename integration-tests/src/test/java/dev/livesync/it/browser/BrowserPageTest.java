package dev.livesync.it.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.it.cli.Command;
import dev.livesync.it.cli.Stored;
import dev.livesync.transport.memory.MemoryNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/browser} in Chromium, served by {@code livesync web}: the alpha in the page, Java at the other end. */
class BrowserPageTest {
    private static final Path PROJECT = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."));
    private static final Path PAGE = PROJECT.resolve("examples/browser");

    @TempDir
    private Path directory;

    @BeforeAll
    static void needsABrowserAndThePagesPackages() {
        boolean there = Chromium.program().isPresent()
                && Files.isRegularFile(PAGE.resolve("node_modules/@fireproof/core/dist/src/fireproof.mjs"));
        String otherwise =
                "NOT TESTED in a browser: needs chromium, and Node and npm, with which `mvn verify` installs the packages of examples/browser";
        if (!there) {
            System.err.println(otherwise);
        }
        assumeTrue(there, otherwise);
    }

    @Test
    void aListInABrowserAndInJavaStayInStep() throws Exception {
        Path database = directory.resolve("list");
        forked(database);
        try (Command web = Command.start("web", database, PAGE);
                Chromium browser =
                        Chromium.start(Chromium.program().orElseThrow(), directory.resolve("profile"), 1100, 700)) {
            browser.open(web.line(1));
            until(browser, "status.dataset.state === 'equal' && items.length === 2");
            assertThat(browser.evaluate("document.querySelector('#items').innerText")
                            .asText())
                    .contains("bread, two loaves", "apples");

            for (String text : List.of("tea", "pears", "soap")) {
                browser.evaluate("document.querySelector('#text').value = '" + text + "';"
                        + "document.querySelector('#add button').click()");
                until(
                        browser,
                        "status.dataset.state === 'equal' && items.some(i => i.innerText.includes('" + text + "'))");
            }
            browser.evaluate("document.querySelector('li[data-id=item-1] input').click()");
            until(browser, "status.dataset.state === 'equal' && document.querySelector('li[data-id=item-1].done')");
            browser.evaluate("document.querySelector('li[data-id=item-2] button').click()");
            until(browser, "status.dataset.state === 'equal' && items.length === 4");
            until(browser, "document.querySelectorAll('#clock circle').length >= 9");
            assertThat(browser.evaluate("document.querySelectorAll('#clock circle.head').length")
                            .asInt())
                    .isEqualTo(1);
            // A library inside the alpha asks whether it may eval, and goes on without.
            assertThat(browser.logged())
                    .as("errors in the page")
                    .filteredOn(entry -> !entry.contains("\"source\":\"security\""))
                    .isEmpty();

            Path picture = Files.write(Path.of("target", "browser.png"), browser.picture());
            if (Boolean.getBoolean("picture.update")) {
                Files.copy(
                        picture,
                        PROJECT.resolve("docs/images/browser.png"),
                        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
            web.terminate();
            assertThat(web.exitCode()).isZero();
            until(browser, "status.dataset.state === 'gone'");
        }
        assertThat(Stored.in(database))
                .hasSize(4)
                .anyMatch(line -> line.equals("item-1 {\"done\":true,\"text\":\"bread, two loaves\"}"))
                .anyMatch(line -> line.contains("\"text\":\"pears\""))
                .noneMatch(line -> line.startsWith("item-2 "));
    }

    private Chromium browser(String profile) throws Exception {
        return Chromium.start(Chromium.program().orElseThrow(), directory.resolve(profile), 1100, 700);
    }

    private static void add(Chromium browser, String text) throws Exception {
        browser.evaluate("document.querySelector('#text').value = '" + text + "';"
                + "document.querySelector('#add button').click()");
        until(browser, "items.some(i => i.innerText.includes('" + text + "'))");
    }

    @Test
    void aServerThatIsGoneIsSaidAndForgottenWhenItIsBack() throws Exception {
        Path database = directory.resolve("list");
        Path secret = directory.resolve("secret");
        try (Chromium browser = browser("profile")) {
            String address;
            try (Command web = Command.start("web", database, PAGE, "--secret-file", secret)) {
                address = web.line(1);
                browser.open(address);
                until(browser, "status.dataset.state === 'equal'");
                web.killNow();
                until(browser, "status.dataset.state === 'gone'");
            }
            add(browser, "milk");
            until(browser, "status.dataset.state === 'gone' && status.innerText.includes('gone')");
            assertThat(text(browser)).doesNotContain("Failed to fetch");
            try (Command web = Command.start("web", database, PAGE, "--secret-file", secret)) {
                assertThat(web.line(1)).isEqualTo(address);
                until(browser, "status.dataset.state === 'equal'");
                assertThat(text(browser)).doesNotContain("gone").doesNotContain("Failed to fetch");
                web.terminate();
                assertThat(web.exitCode()).isZero();
            }
            // What the browser itself says of a server that isn't there is not ours.
            assertThat(browser.logged())
                    .filteredOn(entry -> !entry.contains("\"source\":\"security\"")
                            && !entry.contains("net::ERR_CONNECTION_REFUSED")
                            && !entry.contains("net::ERR_EMPTY_RESPONSE")
                            && !entry.contains("net::ERR_CONNECTION_RESET"))
                    .isEmpty();
        }
        assertThat(Stored.in(database)).anyMatch(line -> line.contains("\"text\":\"milk\""));
    }

    @Test
    void whatWasAddedWhileApartOutlivesAReload() throws Exception {
        Path database = directory.resolve("list");
        try (Command web = Command.start("web", database, PAGE);
                Chromium browser = browser("profile")) {
            browser.open(web.line(1));
            until(browser, "status.dataset.state === 'equal'");
            browser.evaluate("document.querySelector('#apart').click()");
            until(browser, "status.dataset.state === 'apart'");
            add(browser, "milk");
            browser.reload();
            until(browser, "status.dataset.state === 'equal' && items.some(i => i.innerText.includes('milk'))");
            web.terminate();
            assertThat(web.exitCode()).isZero();
        }
        assertThat(Stored.in(database)).singleElement().asString().contains("\"text\":\"milk\"");
    }

    @Test
    void twoPagesForkByHand() throws Exception {
        Path database = directory.resolve("list");
        try (Command web = Command.start("web", database, PAGE);
                Chromium one = browser("one");
                Chromium two = browser("two")) {
            one.open(web.line(1));
            until(one, "status.dataset.state === 'equal'");
            one.evaluate("window.open = (...args) => { window.opened = args }; document.querySelector('#two').click()");
            assertThat(one.evaluate("window.opened[0]").asText()).isEqualTo(web.line(1));
            two.open(web.line(1));
            until(two, "status.dataset.state === 'equal'");
            one.evaluate("document.querySelector('#apart').click()");
            until(one, "status.dataset.state === 'apart'");
            add(one, "milk");
            add(two, "bread");
            one.evaluate("document.querySelector('#apart').click()");
            for (Chromium browser : List.of(one, two)) {
                until(
                        browser,
                        "status.dataset.state === 'equal' && items.length === 2"
                                + " && new Set([...document.querySelectorAll('#clock circle')].map(c => c.getAttribute('cy'))).size === 2");
            }
            web.terminate();
            assertThat(web.exitCode()).isZero();
        }
    }

    @Test
    void onAPhoneAndInTheDark() throws Exception {
        Path database = directory.resolve("list");
        forked(database);
        try (Command web = Command.start("web", database, PAGE);
                Chromium browser = browser("profile")) {
            browser.emulate(390, 844, true);
            browser.open(web.line(1));
            until(browser, "status.dataset.state === 'equal' && document.querySelectorAll('#clock circle').length > 3");
            assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
                    .as("nothing is wider than the screen")
                    .isLessThanOrEqualTo(390);
            assertThat(browser.evaluate("Math.min(...[...document.querySelectorAll('#clock circle')]"
                                    + ".map(c => c.getBoundingClientRect().width))")
                            .asDouble())
                    .as("diameter of a dot")
                    .isGreaterThanOrEqualTo(16);
            assertThat(browser.evaluate("(() => { const all = [...document.querySelectorAll('#clock circle')]"
                                    + ".map(c => c.getBoundingClientRect());"
                                    + "return (Math.min(...all.map(r => r.left)) + Math.max(...all.map(r => r.right))) / 2"
                                    + " })()")
                            .asDouble())
                    .as("middle of the picture")
                    .isBetween(180.0, 210.0);
            String ink = "(e => Math.max(...getComputedStyle(document.querySelector(e)).";
            assertThat(browser.evaluate(ink + "backgroundColor.match(/[0-9]+/g).slice(0, 3)))('body')")
                            .asInt())
                    .as("the page is dark")
                    .isLessThan(64);
            assertThat(browser.evaluate(ink + "color.match(/[0-9]+/g).slice(0, 3)))('body')")
                            .asInt())
                    .as("its text is not")
                    .isGreaterThan(160);
            Files.write(Path.of("target", "browser-phone-dark.png"), browser.picture());
            browser.emulate(390, 844, false);
            Files.write(Path.of("target", "browser-phone.png"), browser.picture());
            browser.emulate(1100, 700, true);
            Files.write(Path.of("target", "browser-dark.png"), browser.picture());
        }
    }

    /** Two documents that were edited in two places at once, so that there is something to see. */
    private static void forked(Path directory) throws Exception {
        MemoryNetwork network = new MemoryNetwork();
        try (Database here = Database.open(directory);
                Database there = Database.inMemory()) {
            here.put("item-1", "{\"text\":\"bread\",\"done\":false}");
            equal(network, here, there);
            here.put("item-2", "{\"text\":\"apples\",\"done\":true}");
            here.put("item-2", "{\"text\":\"apples\",\"done\":false}");
            there.put("item-1", "{\"text\":\"bread, two loaves\",\"done\":false}");
            equal(network, here, there);
            assertThat(here.clock()).hasSize(2);
        }
    }

    private static void equal(MemoryNetwork network, Database here, Database there) throws Exception {
        try (Sync a = Sync.builder(here).transport(network.provider()).build();
                Sync b = Sync.builder(there).transport(network.provider()).build()) {
            String address = a.listen("memory:here").get(60, TimeUnit.SECONDS).address();
            Session session = b.dial(address).get(60, TimeUnit.SECONDS);
            session.awaitEqual().get(60, TimeUnit.SECONDS);
        }
    }

    private static String text(Chromium browser) {
        try {
            return browser.evaluate("document.body.innerText").asText();
        } catch (Exception e) {
            return e.toString();
        }
    }

    /** Waits for a condition on {@code status} and {@code items}. */
    private static void until(Chromium browser, String condition) {
        String expression = "(() => { const status = document.querySelector('#status');"
                + "const items = [...document.querySelectorAll('#items li')];"
                + "return Boolean(" + condition + ") })()";
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .conditionEvaluationListener(state -> {})
                .untilAsserted(() -> assertThat(browser.evaluate(expression).asBoolean())
                        .as(() -> condition + " in the page, which says: " + text(browser))
                        .isTrue());
    }
}
