package dev.livesync.core.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.livesync.Sync;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class HandshakeWarmUpTest {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    @Test
    void itRunsOnce() {
        HandshakeWarmUp warmUp = new HandshakeWarmUp();
        warmUp.begin(tasks::add);
        warmUp.begin(tasks::add);
        assertThat(tasks).hasSize(1);
        assertThatCode(() -> tasks.remove().run()).doesNotThrowAnyException();
    }

    @Test
    void anotherExecutorRunsItWhereOneTakesNoMore() {
        HandshakeWarmUp warmUp = new HandshakeWarmUp();
        warmUp.begin(task -> {
            throw new RejectedExecutionException("closed");
        });
        warmUp.begin(tasks::add);
        assertThat(tasks).hasSize(1);
    }

    /** It swallows what goes wrong, so that is asked for here. */
    @Test
    void theHandshakeWithItselfSucceeds() {
        assertThatCode(HandshakeWarmUp::run).doesNotThrowAnyException();
    }

    @Test
    void aSyncWithThreadsOfItsOwnBeginsIt() {
        try (Sync own = Sync.builder(new TestReplica())
                .transport(new World(1).network.provider())
                .build()) {
            assertThat(own.sessions()).isEmpty();
            assertThat(HandshakeWarmUp.OF_PROCESS.hasBegun()).isTrue();
        }
    }
}
