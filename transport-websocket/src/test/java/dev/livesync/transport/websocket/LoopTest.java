package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LoopTest {
    /** Each thread leaves one task at a time and waits for it: a wake-up that is lost is missed for ever. */
    private static void race(int rounds) throws Exception {
        Loop loop = new Loop();
        AtomicLong left = new AtomicLong(4L * rounds);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                try {
                    for (int round = 0; round < rounds; round++) {
                        CountDownLatch ran = new CountDownLatch(1);
                        loop.execute(ran::countDown);
                        if (!ran.await(30, TimeUnit.SECONDS)) {
                            return;
                        }
                        left.decrementAndGet();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        loop.close(Duration.ofSeconds(5));
        assertThat(left).hasValue(0);
    }

    @Test
    void noTaskIsForgotten() throws Exception {
        race(20_000);
    }

    @Test
    @Tag("soak")
    void noneOfMillionsOfTasksIsForgotten() throws Exception {
        race(1_000_000);
    }

    /** Closing a socket looks at the selector, and that must not take the place of a round. */
    @Test
    void aTaskLeftWhileASocketClosesDoesNotPutTheLoopToSleep() throws Exception {
        Loop loop = new Loop();
        loop.closeAndWait(() -> loop.execute(() -> {}), Duration.ofSeconds(30));
        goesOn(loop);
        loop.close(Duration.ofSeconds(5));
    }

    @Test
    void aTaskThatThrowsHurtsNoOther() throws Exception {
        Loop loop = new Loop();
        CountDownLatch ran = new CountDownLatch(1);
        loop.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        loop.execute(ran::countDown);
        assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
        loop.close(Duration.ofSeconds(5));
    }

    @Test
    void tasksThatAddTasksLetTheLoopEnd() throws Exception {
        Loop loop = new Loop();
        CountDownLatch many = new CountDownLatch(10_000);
        loop.execute(new Runnable() {
            @Override
            public void run() {
                many.countDown();
                if (many.getCount() > 0) {
                    loop.execute(this);
                }
            }
        });
        assertThat(many.await(30, TimeUnit.SECONDS)).isTrue();
        loop.close(Duration.ofSeconds(5));
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("livesync-websocket"));
    }

    /** As a machine without memory does, at any place. */
    @Test
    void anErrorThatNothingCanBeDoneAboutHurtsNoOther() throws Exception {
        Loop loop = new Loop();
        CountDownLatch asked = new CountDownLatch(1);
        Loop.Handler clumsy = new Loop.Handler() {
            @Override
            public void ready(java.nio.channels.SelectionKey key) {}

            @Override
            public void shutDown() {
                asked.countDown();
                throw new LinkageError("on purpose, once more");
            }
        };
        loop.execute(clumsy, () -> {
            throw new LinkageError("on purpose");
        });
        assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
        goesOn(loop);
        loop.close(Duration.ofSeconds(5));
    }

    @Test
    void aSelectorThatFailsNowAndThenIsAskedAgain() throws Exception {
        FailingSelector selector = new FailingSelector(3, () -> new LinkageError("on purpose"));
        Loop loop = new Loop(selector);
        goesOn(loop);
        loop.close(Duration.ofSeconds(5));
        assertThat(selector.isOpen()).isFalse();
    }

    @Test
    void aSelectorThatIsBrokenEndsTheLoopAndSaysSo() throws Exception {
        for (FailingSelector selector : List.of(
                new FailingSelector(1, () -> new java.io.IOException("on purpose")),
                new FailingSelector(Integer.MAX_VALUE, () -> new LinkageError("on purpose")))) {
            Loop loop = new Loop(selector);
            CountDownLatch ended = new CountDownLatch(1);
            loop.execute(ended::countDown);
            assertThat(ended.await(30, TimeUnit.SECONDS))
                    .as("the last tasks run")
                    .isTrue();
            loop.close(Duration.ofSeconds(30));
            assertThat(loop.failure()).isNotNull();
            assertThat(loop.failure().kind()).isEqualTo(dev.livesync.api.ErrorKind.INTERNAL);
            assertThat(selector.isOpen()).isFalse();
        }
    }

    /** Three times, because what waits when a loop ends is still run. */
    private static void goesOn(Loop loop) throws Exception {
        for (int i = 0; i < 3; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            loop.execute(ran::countDown);
            assertThat(ran.await(10, TimeUnit.SECONDS)).as("task %d", i).isTrue();
        }
        assertThat(loop.failure()).isNull();
    }
}
