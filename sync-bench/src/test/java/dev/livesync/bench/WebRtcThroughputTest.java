package dev.livesync.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.bench.process.ProcessPair;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A short form in two real processes: that everything arrives both ways, not how fast. */
@Timeout(120)
class WebRtcThroughputTest {
    @Test
    void ourChannelAndABareOneCarryTheSame() throws Exception {
        try (ProcessPair pair = PeerCommand.pair(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"))) {
            WebRtcThroughput.Outcome outcome = new WebRtcThroughput(pair, 100, 65_536).run(0, 2);
            assertThat(outcome.bytes()).isEqualTo(100 * 65_536);
            assertThat(outcome.rounds()).hasSize(2).allMatch(round -> round.own() > 0 && round.bare() > 0);
        }
    }
}
