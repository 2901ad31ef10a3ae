package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.tck.MutantTransport.Subject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No rule fails for a transport that does what the specification leaves open otherwise than most do. */
class PermittedTransportsTest {
    private static final int AT_ONCE = 6;

    private static final Map<String, Future<MutantRun>> RUNS = new LinkedHashMap<>();

    static List<Mutant<Subject>> transports() {
        return PermittedTransports.all();
    }

    @BeforeAll
    static void begin() {
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        for (Mutant<Subject> each : transports()) {
            RUNS.put(
                    each.toString(),
                    pool.submit(() -> MutantRun.permitted(MutantTransport.class, each, 0.2, Scenario.TAG, "soak")));
        }
        pool.shutdown();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("transports")
    void isConformant(Mutant<Subject> transport) throws Exception {
        MutantRun run = RUNS.get(transport.toString()).get();
        assertThat(run.findings())
                .as("rules that fail for a transport with which %s", transport.name())
                .isEmpty();
    }
}
