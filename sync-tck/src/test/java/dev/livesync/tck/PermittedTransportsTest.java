package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.tck.MutantTransport.Subject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No rule fails for a transport that does what the specification leaves open otherwise than most do. By default without the rules
 * about providers and identities, which no channel has to do with, and without the one that collects garbage two hundred times.
 */
class PermittedTransportsTest {
    private static final int AT_ONCE = 8;
    private static final Logger NOISE = Logger.getLogger("dev.livesync");

    private static final class Runs {
        private static final Map<String, Future<MutantRun>> ALL = new LinkedHashMap<>();

        static {
            ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
            for (Mutant<Subject> each : transports()) {
                ALL.put(each.toString(), pool.submit(() -> run(each)));
            }
            pool.shutdown();
        }

        private static MutantRun run(Mutant<Subject> transport) throws InterruptedException {
            return MutantRun.permitted(
                    MutantTransport.class,
                    transport,
                    0.2,
                    rule -> !rule.startsWith("T1.") && !rule.startsWith("T9.") && !rule.equals("T10.6"),
                    Scenario.TAG,
                    "soak");
        }
    }

    static List<Mutant<Subject>> transports() {
        return PermittedTransports.all();
    }

    @BeforeAll
    static void quiet() {
        NOISE.setLevel(Level.OFF); // listeners throw on purpose
    }

    @AfterAll
    static void loud() {
        NOISE.setLevel(null);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("transports")
    void isConformant(Mutant<Subject> transport) throws Exception {
        assertConformant(transport, Runs.ALL.get(transport.toString()).get());
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}")
    @MethodSource("transports")
    void isConformantWithEveryRule(Mutant<Subject> transport) throws Exception {
        assertConformant(transport, MutantRun.permitted(MutantTransport.class, transport, 1, rule -> true, "soak"));
    }

    private static void assertConformant(Mutant<Subject> transport, MutantRun run) {
        assertThat(run.findings())
                .as("rules that fail for a transport with which %s", transport.name())
                .isEmpty();
    }
}
