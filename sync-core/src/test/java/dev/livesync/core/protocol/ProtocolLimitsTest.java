package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.car.Limits;
import dev.livesync.core.Tunables;
import org.junit.jupiter.api.Test;

class ProtocolLimitsTest {
    /** Users turn one limit, the largest document; whatever it is, a message carries it with the event around it. */
    @Test
    void aMessageHasRoomForTheLargestDocument() {
        for (int mib : new int[] {1, 16, 63, 64, 200, 1_000}) {
            Limits blocks = Limits.DEFAULT.toBuilder()
                    .documentBytes(mib << 20)
                    .blockBytes((mib + 1) << 20)
                    .build();
            ProtocolLimits limits = ProtocolLimits.of(Tunables.DEFAULT, blocks);
            assertThat(limits.messageBytes())
                    .as("%d MiB", mib)
                    .isGreaterThanOrEqualTo(blocks.blockBytes())
                    .isGreaterThanOrEqualTo(64 << 20);
        }
    }

    @Test
    void theDefaultsAreThoseOfTheDecision() {
        assertThat(ProtocolLimits.DEFAULT)
                .isEqualTo(new ProtocolLimits(
                        4 << 20, 64 << 20, 100_000, 4_000_000, 64 << 10, 512 << 10, 256 << 10, Limits.DEFAULT));
        assertThat(Tunables.DEFAULT.signalChars()).isEqualTo(64 << 10);
        assertThat(Tunables.DEFAULT.unproved()).isEqualTo(1_024);
        assertThat(Tunables.DEFAULT.unprovedOfAddress()).isEqualTo(512);
        assertThat(Tunables.DEFAULT.firstMessageMillis()).isEqualTo(2_000);
        assertThat(Tunables.DEFAULT.refusals()).isEqualTo(32);
        assertThat(Tunables.DEFAULT.callersOfOffer()).isEqualTo(8);
        assertThat(Tunables.DEFAULT.openOffers()).isEqualTo(1_000);
    }
}
