package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From thread to thread as seldom as possible: each task that is given to the executor may wake a thread. */
class TasksPerMessageTest {
    /** An executor whose tasks run when the test says so. */
    private static final class Tasks {
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private int ran;

        boolean runOne() {
            Runnable task = waiting.poll();
            if (task == null) {
                return false;
            }
            ran++;
            task.run();
            return true;
        }

        int runAll() {
            int before = ran;
            while (runOne()) {
                // On.
            }
            return ran - before;
        }
    }

    private final World world = new World(1);
    private final Tasks tasksOfA = new Tasks();
    private final Tasks tasksOfB = new Tasks();
    private final TestReplica a = new TestReplica();
    private final TestReplica b = new TestReplica();
    private final Sync syncA = peer(a, tasksOfA);
    private final Sync syncB = peer(b, tasksOfB);
    private Session session;

    private Sync peer(TestReplica replica, Tasks tasks) {
        return world.peer(replica)
                .executor(tasks.waiting::add)
                .transport(world.network.provider())
                .build();
    }

    private void settle() {
        boolean ran = true;
        while (ran) {
            boolean ofA = tasksOfA.runOne();
            ran = tasksOfB.runOne() || ofA;
        }
    }

    @BeforeEach
    void connect() {
        CompletableFuture<String> address = syncA.listen("memory:a").thenApply(endpoint -> endpoint.address());
        settle();
        CompletableFuture<Session> dialled = syncB.dial(address.join());
        settle();
        session = dialled.join();
        a.put("first", "is there");
        settle();
        world.pass(Duration.ofMillis(1));
        settle();
        assertThat(b.events()).isEqualTo(a.events());
    }

    @AfterEach
    void close() {
        world.close(session);
        settle();
        syncA.close();
        syncB.close();
    }

    @Test
    void whatArrivesIsReadStoredAndAcknowledgedInOneTask() {
        a.put("second", "travels");
        assertThat(tasksOfA.runAll()).as("tasks from the put to the channel").isEqualTo(1);
        int commits = b.commits();
        tasksOfB.runOne();
        assertThat(b.commits())
                .as("commits in the task that brought the message")
                .isEqualTo(commits + 1);
        assertThat(b.events()).isEqualTo(a.events());
        long before = acknowledged();
        tasksOfA.runOne();
        assertThat(acknowledged())
                .as("CARs that are acknowledged, after the task that brought the acknowledgement")
                .isEqualTo(before + 1);
    }

    private long acknowledged() {
        return syncA.sessions().get(0).statistics().carsAcknowledged();
    }

    @Test
    void ofManyMessagesNoneWaitsForTheStoreOfAnother() {
        for (int i = 0; i < 20; i++) {
            a.put("many", "times " + i);
            tasksOfA.runAll();
        }
        settle();
        assertThat(b.events()).isEqualTo(a.events());
        assertThat(b.commits()).as("small ones share a commit").isLessThan(25);
    }
}
