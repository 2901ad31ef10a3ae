package dev.livesync.it.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the page keeps for a reload, without a browser. */
class UnsentTest {
    private static final Path MODULE = Path.of("..", "examples", "browser", "unsent.js");

    /** The page looks whether both sides are in step every second, be it while a change is being made: what is in step then is without it. */
    @Test
    void aChangeThatIsBeingMadeIsKept() throws Exception {
        assertThat(node("""
                const kept = new Map()
                const storage = { getItem: key => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) }
                const unsent = new Unsent(storage)
                let made
                const change = unsent.change('a', { text: 'x' }, () => new Promise(resolve => { made = resolve }))
                unsent.clear()
                const during = new Unsent(storage).isEmpty()
                made()
                await change
                unsent.clear()
                console.log(during, new Unsent(storage).isEmpty())
                """)).isEqualTo("false true");
    }

    private static String node(String script) throws IOException, InterruptedException {
        boolean there = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "node")));
        assumeTrue(there, "NOT TESTED: needs Node");
        Process process = new ProcessBuilder(
                        "node",
                        "--input-type=module",
                        "--eval",
                        "import { Unsent } from '" + MODULE.toRealPath().toUri() + "'\n" + script)
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return output.strip();
        } finally {
            process.destroyForcibly();
        }
    }
}
