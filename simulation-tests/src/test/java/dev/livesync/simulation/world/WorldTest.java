package dev.livesync.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever happens to a world, nothing is lost and all become equal in the end. */
class WorldTest {
    private static final int DEFECTIVE_WORLDS = 10_000;

    private final Logger logger = Logger.getLogger("dev.livesync");

    @BeforeEach
    void quiet() {
        logger.setLevel(Level.OFF); // disks that fail are what it is about
    }

    @AfterEach
    void loud() {
        logger.setLevel(null);
    }

    @Test
    void someWorldsHold() {
        hold(Integer.getInteger("livesync.worlds", 100));
    }

    @Test
    @Tag("soak")
    void aHundredThousandWorldsHold() {
        hold(Integer.getInteger("livesync.worlds", 100_000));
    }

    private static void hold(int count) {
        long first = System.nanoTime();
        for (long seed = first; seed < first + count; seed++) {
            WorldRun run = new WorldRun(seed);
            try {
                run.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + "; the fewest actions: " + run.shrunk(), e);
            }
        }
    }

    @Test
    void aSeedIsOneHistory() {
        for (long seed = 1; seed <= 5; seed++) {
            assertThat(new WorldRun(seed).run()).as("seed %d", seed).isEqualTo(new WorldRun(seed).run());
        }
    }

    @Test
    void whatIsLeftOfAPlanStillFails() {
        Defect defect = PlantedDefects.all().get(0);
        for (long seed = 1; ; seed++) {
            WorldRun run = new WorldRun(seed, defect);
            if (run.failure() != null) {
                List<Action> fewest = run.shrunk();
                assertThat(fewest.size())
                        .as("seed %d", seed)
                        .isLessThan(run.plan().size() / 2);
                return;
            }
        }
    }

    @Test
    void plantedDefectsAreFound() throws IOException {
        StringBuilder table = new StringBuilder("| planted defect | worlds needed | found as |\n|---|---:|---|\n");
        List<String> missed = new ArrayList<>();
        for (Defect defect : PlantedDefects.all()) {
            String found = find(defect);
            if (found == null) {
                missed.add(defect.name());
            }
            table.append(
                    String.format(Locale.ROOT, "| %s | %s |%n", defect.name(), found == null ? "never | " : found));
        }
        Files.writeString(Path.of("target", "planted-defects.md"), table);
        assertThat(missed).as("not found:%n%s", table).isEmpty();
    }

    private static String find(Defect defect) {
        for (int seed = 1; seed <= DEFECTIVE_WORLDS; seed++) {
            Throwable failure = new WorldRun(seed, defect).failure();
            if (failure != null) {
                String first = String.valueOf(failure.getMessage())
                        .strip()
                        .lines()
                        .findFirst()
                        .orElse("");
                return seed + " | " + first.replace('|', '/').replaceAll("m[0-9]", "a machine");
            }
        }
        return null;
    }
}
