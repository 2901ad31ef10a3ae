package dev.livesync.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The short form of {@code livesync bench many}: that everything comes to everybody, not when. */
@Timeout(120)
class ManySessionsTest {
    private static final int SESSIONS = 40;
    private static final int PUTS = 50;

    @Test
    void everySessionGetsEveryPutWhetherOrNotOneHasStoppedReading() throws Exception {
        List<String> options = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1");
        try (ManySessions many = new ManySessions(options, options, 2, 2_000, 1)) {
            many.join(SESSIONS, 2);
            assertThat(many.deliver(PUTS, 2_000).delays().total()).isEqualTo(SESSIONS * PUTS);
            many.stall();
            ManySessions.Delivery beside = many.deliver(PUTS, 2_000);
            assertThat(many.endStall()).as("whether it was still open").isTrue();
            assertThat(beside.delays().total()).isEqualTo(SESSIONS * PUTS);
            assertThat(beside.traffic().packs()).as("packs").isBetween(1L * SESSIONS, 1L * SESSIONS * PUTS);
            assertThat(beside.traffic().received()).as("bytes").isGreaterThan(80L * SESSIONS * PUTS);
            assertThat(many.requireEqual()).isEqualTo(SESSIONS);
            ManySessions.HubFigures hub = many.state();
            assertThat(hub.javaThreads()).as("threads of the hub").isBetween(1L, (long) SESSIONS - 1);
            assertThat(hub.heap()).isPositive();
        }
    }
}
