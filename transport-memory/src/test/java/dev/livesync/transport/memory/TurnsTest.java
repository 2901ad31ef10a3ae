package dev.livesync.transport.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TurnsTest {
    @Test
    void onTheCallersThreadNothingNestsAndNothingOverflows() {
        ManualContext time = new ManualContext(0);
        TransportContext direct = new TransportContext() {
            @Override
            public java.util.concurrent.Executor executor() {
                return Runnable::run;
            }

            @Override
            public Scheduler scheduler() {
                return time.scheduler();
            }

            @Override
            public int maxMessageBytes() {
                return 1024;
            }

            @Override
            public Duration connectTimeout() {
                return Duration.ofSeconds(1);
            }

            @Override
            public Duration closeTimeout() {
                return Duration.ofSeconds(1);
            }
        };
        DialingTransport transport =
                (DialingTransport) new MemoryNetwork().provider().open(direct);
        List<Channel> accepted = new ArrayList<>();
        Listening listening =
                transport.listen("memory:", accepted::add).toCompletableFuture().join();
        Channel dialled =
                transport.dial(listening.address()).toCompletableFuture().join();
        AtomicInteger rounds = new AtomicInteger();
        echo(dialled, rounds);
        echo(accepted.get(0), rounds);

        dialled.send(Message.text("to and fro"));

        assertThat(rounds).hasValue(100_000);
        transport.close();
    }

    private static void echo(Channel channel, AtomicInteger rounds) {
        channel.start(new ChannelListener() {
            private boolean inside;

            @Override
            public void onMessage(Message message) {
                assertThat(inside).as("nested").isFalse();
                inside = true;
                channel.request(1);
                if (rounds.incrementAndGet() < 100_000) {
                    channel.send(message);
                }
                inside = false;
            }

            @Override
            public void onClosed(CloseReason reason) {
                assertThat(inside).as("nested").isFalse();
            }
        });
        channel.request(1);
    }

    @Test
    void onAPoolNoStepIsForgottenOrConcurrent() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            int steps = 200_000;
            AtomicLong todo = new AtomicLong();
            AtomicInteger inside = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(steps);
            Turns turns = new Turns(pool, () -> {
                if (todo.get() == 0) {
                    return null;
                }
                todo.decrementAndGet();
                return () -> {
                    assertThat(inside.incrementAndGet()).isEqualTo(1);
                    inside.decrementAndGet();
                    done.countDown();
                };
            });
            for (int i = 0; i < steps; i++) {
                todo.incrementAndGet();
                turns.wake();
                if (i % 1000 == 0) {
                    turns.run();
                }
            }
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void anExecutorThatHasEndedIsNoFailureOfTheLastStep() {
        List<Runnable> tasks = new ArrayList<>();
        boolean[] ended = {false};
        List<String> ran = new ArrayList<>();
        ArrayDeque<Runnable> steps = new ArrayDeque<>();
        Turns turns = new Turns(
                task -> {
                    if (ended[0]) {
                        throw new RejectedExecutionException("ended");
                    }
                    tasks.add(task);
                },
                steps::poll);
        steps.add(() -> {
            ran.add("last");
            ended[0] = true;
        });
        turns.wake();
        tasks.remove(0).run();
        turns.wake();
        assertThat(ran).containsExactly("last");
        assertThat(turns.isRunner()).isFalse();
    }
}
