package dev.livesync.core.seal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.Tuned;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class CipherWarmUpTest {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    @Test
    void itRunsOnceInTasksOneAfterTheOther() {
        CipherWarmUp warmUp = new CipherWarmUp(120);
        warmUp.begin(tasks::add);
        warmUp.begin(tasks::add);
        int ran = 0;
        while (!tasks.isEmpty()) {
            assertThat(tasks).hasSize(1);
            assertThat(warmUp.isDone()).isFalse();
            tasks.remove().run();
            ran++;
        }
        assertThat(ran).isEqualTo(3);
        assertThat(warmUp.isDone()).isTrue();
        warmUp.begin(tasks::add);
        assertThat(tasks).isEmpty();
    }

    @Test
    void anotherExecutorGoesOnWhereOneTakesNoMore() {
        CipherWarmUp warmUp = new CipherWarmUp(100);
        boolean[] open = {true};
        warmUp.begin(task -> {
            if (!open[0]) {
                throw new RejectedExecutionException("closed");
            }
            tasks.add(task);
        });
        open[0] = false;
        tasks.remove().run();
        assertThat(tasks).isEmpty();
        assertThat(warmUp.isDone()).isFalse();
        warmUp.begin(tasks::add);
        tasks.remove().run();
        assertThat(warmUp.isDone()).isTrue();
    }

    @Test
    void manyBytesInLongSealedMessagesBeginItAndFewDoNot() {
        assertThat(isBegunBy(100)).isFalse();
        assertThat(isBegunBy(CipherWarmUp.LONG_BYTES)).isFalse();
        assertThat(isBegunBy(2 * CipherWarmUp.MANY_BYTES)).isTrue();
    }

    private static boolean isBegunBy(int documentBytes) {
        World world = new World(31);
        CipherWarmUp warmUp = new CipherWarmUp(1);
        TestReplica here = new TestReplica();
        here.put("a", "x".repeat(documentBytes));
        Sync a = Tuned.with(warmUp, world.peer(here))
                .transport(world.network.provider())
                .build();
        Sync b = world.dialling(new TestReplica());
        Session session = world.get(b.dial(world.get(a.listen("memory:door")).address()));
        world.get(session.awaitEqual());
        world.close(b);
        world.close(a);
        return warmUp.isDone();
    }
}
