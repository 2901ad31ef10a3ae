package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.Sync;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Code that was plugged in may break between a channel's first message and its session: nothing is left of it, and nobody waits. */
class ThresholdTest {
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void chanceThatBreaksDownAtAnyMoment(boolean dialler) {
        for (int steps = 0; steps < 60; steps++) {
            World world = new World(steps);
            boolean[] broken = {false};
            RandomGenerator chance = new SplittableRandom(steps);
            RandomGenerator breaking = () -> {
                if (broken[0]) {
                    throw new IllegalStateException("on purpose");
                }
                return chance.nextLong();
            };
            Sync sound = world.dialling(new TestReplica());
            Sync other = world.peer(new TestReplica())
                    .transport(world.network.provider())
                    .random(breaking)
                    .build();
            Sync left = dialler ? sound : other;
            Sync right = dialler ? other : sound;
            String address = world.get(left.listen("memory:")).address();
            CompletableFuture<Session> dialling = right.dial(address);
            for (int i = 0; i < steps; i++) {
                world.step();
            }
            broken[0] = true;
            world.pass(Duration.ofMinutes(5));
            assertThat(dialling).as("%d steps", steps).isDone();
            for (Sync sync : new Sync[] {left, right}) {
                if (sync.sessions().isEmpty()) {
                    assertThat(sync.status()).as("%d steps", steps).isNotEqualTo(SessionStatus.CONNECTING);
                }
            }
            world.close(right);
            world.close(left);
            assertThat(world.network.faults().links()).as("%d steps", steps).isEmpty();
            assertThat(world.timers()).as("timers after %d steps", steps).isZero();
        }
    }
}
