package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Histories on networks that lose connections, in both dialects: everybody ends with the same heads and documents. */
class SimulationTest {
    private static final int HISTORIES = 320;

    static List<Supplier<TestDb>> databases() {
        return TestDbs.all();
    }

    @ParameterizedTest
    @MethodSource("databases")
    void networksConverge(Supplier<TestDb> databases) {
        int reconnects = 0;
        int writes = 0;
        int equalStarts = 0;
        for (long seed = 1; seed <= HISTORIES; seed++) {
            try (Simulation simulation = new Simulation(seed, databases)) {
                simulation.live();
                simulation.settle();
                simulation.verify();
                reconnects += simulation.reconnects();
                writes += simulation.writes();
                equalStarts += simulation.equalStarts();
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        // The histories are worth something.
        assertThat(reconnects).isGreaterThan(5 * HISTORIES);
        assertThat(writes).isGreaterThan(10 * HISTORIES);
        assertThat(equalStarts).isGreaterThan(HISTORIES / 4);
    }
}
