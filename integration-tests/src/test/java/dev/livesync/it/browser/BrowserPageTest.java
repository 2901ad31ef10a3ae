package dev.livesync.it.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.it.cli.Command;
import dev.livesync.it.cli.Stored;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
        String otherwise = "NOT RUN: the page in a browser needs chromium, and `npm ci` in examples/browser";
        if (!there) {
            System.err.println(otherwise);
        }
        assumeTrue(there, otherwise);
    }

    @Test
    void aListInABrowserAndInJavaStayInStep() throws Exception {
        Path database = directory.resolve("list");
        Stored.put(database, "item-1", "{\"text\":\"bread\",\"done\":false}");
        Stored.put(database, "item-2", "{\"text\":\"apples\",\"done\":true}");
        try (Command web = Command.start("web", database, PAGE);
                Chromium browser =
                        Chromium.start(Chromium.program().orElseThrow(), directory.resolve("profile"), 1100, 620)) {
            browser.open(web.line(1));
            until(browser, "status.dataset.state === 'equal' && items.length === 2");
            assertThat(browser.evaluate("document.querySelector('#items').innerText").asText())
                    .contains("bread", "apples");

            for (String text : List.of("tea", "pears", "soap")) {
                browser.evaluate("document.querySelector('#text').value = '" + text + "';"
                        + "document.querySelector('#add button').click()");
                until(browser, "status.dataset.state === 'equal' && items.some(i => i.innerText.includes('" + text + "'))");
            }
            browser.evaluate("document.querySelector('li[data-id=item-1] input').click()");
            until(browser, "status.dataset.state === 'equal' && document.querySelector('li[data-id=item-1].done')");
            browser.evaluate("document.querySelector('li[data-id=item-2] button').click()");
            until(browser, "status.dataset.state === 'equal' && items.length === 4");
            until(browser, "document.querySelectorAll('#clock circle').length >= 7");
            assertThat(browser.evaluate("document.querySelectorAll('#clock circle.head').length").asInt())
                    .isEqualTo(1);
            assertThat(browser.logged()).as("errors in the page").isEmpty();

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
                .anyMatch(line -> line.equals("item-1 {\"done\":true,\"text\":\"bread\"}"))
                .anyMatch(line -> line.contains("\"text\":\"pears\""))
                .noneMatch(line -> line.startsWith("item-2 "));
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
                        .as(() -> condition + " in the page; " + browser.logged())
                        .isTrue());
    }
}
