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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** An executor that runs tasks where they are given to it. */
class CallersThreadTest {
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
}
