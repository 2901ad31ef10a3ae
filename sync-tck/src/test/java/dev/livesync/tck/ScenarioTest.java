package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.transport.memory.MemoryNetwork;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The way of a secret through the faults. */
class ScenarioTest {
    private static Faults detour(UnaryOperator<String> through) {
        return new Faults() {
            private final Faults none = new MemoryWire(new MemoryNetwork());

            @Override
            public String through(String address) {
                return through.apply(address);
            }

            @Override
            public void cut() {
                none.cut();
            }

            @Override
            public void cutSometime(long seed) {
                none.cutSometime(seed);
            }

            @Override
            public void stall() {
                none.stall();
            }

            @Override
            public void resume() {
                none.resume();
            }

            @Override
            public void close() {
                none.close();
            }
        };
    }

    @Test
    void aDetourKeepsTheSecret() {
        assertThat(Scenario.detour(detour(address -> address.replace("1", "2")), "x:1#secret"))
                .isEqualTo("x:2#secret");
        assertThat(Scenario.detour(detour(address -> "x:2"), "x:1")).isEqualTo("x:2");
    }

    @Test
    void aDetourWithoutTheSecretIsToldSoAndNotTheSecret() {
        assertThatThrownBy(() -> Scenario.detour(detour(address -> "x:2"), "x:1#secret"))
                .hasMessageContaining("Faults.through")
                .hasMessageContaining("x:1#...")
                .hasMessageNotContaining("secret of x:1#secret");
    }
}
