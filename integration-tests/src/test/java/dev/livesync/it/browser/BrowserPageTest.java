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
        String otherwise = "NOT TESTED in a browser: needs chromium, and Node and npm, with which `mvn verify` installs the packages of examples/browser";
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
            until(browser, "status.dataset.state === 'failed'");
        }
        assertThat(Stored.in(database))
                .hasSize(4)
                .anyMatch(line -> line.equals("item-1 {\"done\":true,\"text\":\"bread, two loaves\"}"))
                .anyMatch(line -> line.contains("\"text\":\"pears\""))
                .noneMatch(line -> line.startsWith("item-2 "));
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
            String address = a.listen("memory:here")
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS)
                    .address();
            Session session = b.dial(address).toCompletableFuture().get(60, TimeUnit.SECONDS);
            session.awaitEqual().toCompletableFuture().get(60, TimeUnit.SECONDS);
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
