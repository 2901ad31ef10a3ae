package dev.livesync.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens to a world, nothing is lost and all become equal in the end. */
@ExtendWith(InWorlds.class)
class WorldTest {
    /** In so many worlds each kind of thing has happened. */
    private static final int MANY = 300;

    @Test
    void someWorldsHold() {
        hold(Integer.getInteger("livesync.worlds", 1_000));
    }

    @Test
    @Tag("soak")
    void aHundredThousandWorldsHold() {
        hold(Integer.getInteger("livesync.worlds", 100_000));
    }

    private static void hold(int count) {
        long first = System.nanoTime();
        Tally tally = new Tally();
        for (long seed = first; seed < first + count; seed++) {
            WorldRun run = new WorldRun(seed);
            try {
                tally.add(run.shape(), run.run());
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + "; the fewest actions: " + run.shrunk(), e);
            }
        }
        System.out.println(tally.line());
        if (count >= MANY) {
            requireAll(tally);
        }
    }

    /** Worlds in which something never happens prove nothing of it. */
    private static void requireAll(Tally tally) {
        List<String> never = new ArrayList<>();
        for (Action.What what : Action.What.values()) {
            if (tally.happened(what) == 0) {
                never.add(what.name());
            }
        }
        for (String what : List.of(
                "repairs",
                "deliveries",
                "contents that came from others",
                "contents that are erased",
                "writes refused",
                "locks taken away",
                "locks waited for in vain",
                "notifications lost",
                "refused by a hub that did not know of a loss yet",
                "starts refused",
                "wrong secrets and names refused",
                "memory, SEALED",
                "memory, BOUND",
                "memory-signal, SEALED",
                "memory-signal, SIGNALLING",
                "native dialect",
                "texts",
                "sessions that ended: DISCONNECTED",
                "sessions that ended: TIMEOUT",
                "sessions that ended: AUTHENTICATION",
                "more memory than there is, for one message")) {
            if (tally.reached(what) == 0) {
                never.add(what);
            }
        }
        assertThat(never).as("never seen in%n%s", tally.table()).isEmpty();
    }

    /** With {@code -Dlivesync.seed}: one that has failed, once more. */
    @Test
    void aWorld() {
        WorldRun run = new WorldRun(Long.getLong("livesync.seed", 1));
        assertThat(run.run().steps()).as("%s", run.shape()).isPositive();
    }

    @Test
    void aSeedIsOneHistory() {
        for (long seed = 1; seed <= 30; seed++) {
            assertThat(new WorldRun(seed).run()).as("seed %d", seed).isEqualTo(new WorldRun(seed).run());
        }
    }

    /** Seeds of worlds that once failed; {@code docs/reliability.md} has what was wrong. */
    @ParameterizedTest
    @ValueSource(longs = {3, 7, 49, 579, 1000135, 1001118, 10007026, 26523909886916L})
    void whatWorldsHaveFoundStaysMended(long seed) {
        new WorldRun(seed).run();
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
}
