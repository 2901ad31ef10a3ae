package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.transport.TransportContext.Cancellable;
import dev.livesync.api.transport.TransportContext.Scheduler;
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

    private int timers;

    private Sync peer(TestReplica replica, Tasks tasks) {
        Scheduler scheduler = world.scheduler();
        return world.peer(replica)
                .executor(tasks.waiting::add)
                .time(
                        (delay, task) -> {
                            Cancellable timer = scheduler.schedule(delay, task);
                            timers++;
                            return () -> {
                                timers++;
                                timer.cancel();
                            };
                        },
                        world.nanos())
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
        world.pass(Duration.ofSeconds(1)); // since the last ack
        settle();
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

    /**
     * A small change costs these tasks and nothing else, once both ends are in step: at A one for the put and one for its ack, at B one for
     * what arrives. A channel of memory takes one step in a task, and looks in another whether there is more. Of changes that follow each
     * other faster, most have no ack of their own.
     */
    @Test
    void aLivePutCostsThreeTasksAndNoTimer() {
        int looks = 1;
        world.pass(Duration.ofMillis(251));
        settle();
        int setBefore = timers;
        assertThat(setBefore).as("timers of the connection, which are counted").isPositive();
        for (int i = 0; i < 20; i++) {
            a.put("live", "times " + i);
            assertThat(tasksOfA.runAll()).as("tasks of put %s", i).isEqualTo(1);
            assertThat(tasksOfB.runAll()).as("tasks of what arrives, %s", i).isEqualTo(1 + looks);
            assertThat(tasksOfA.runAll()).as("tasks of the ack, %s", i).isEqualTo(1 + looks);
            assertThat(tasksOfB.runAll() + tasksOfA.runAll())
                    .as("tasks after all that, %s", i)
                    .isEqualTo(0);
            assertThat(b.events()).isEqualTo(a.events());
            world.pass(Duration.ofMillis(251));
        }
        assertThat(timers - setBefore).as("timers that were set or cancelled").isEqualTo(0);
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
