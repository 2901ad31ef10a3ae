package dev.livesync.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An executor that has ended, as its owner may end it too early, must not cost anybody the one close that is promised. */
class BufferedChannelTest {

    private static SyncException broken() {
        return new SyncException(ErrorKind.DISCONNECTED, "broken");
    }

    enum Ending {
        FAILED(channel -> channel.failed(broken())),
        OUTPUT_BROKEN_AND_FAILED(channel -> {
            channel.outputBroken(broken());
            channel.failed(broken());
        }),
        BY_PEER(channel -> channel.closedByPeer(null)),
        BY_US(channel -> {
            channel.close();
            channel.closedByUs();
        }),
        ABORTED(channel -> channel.abort(broken()));

        @SuppressWarnings("ImmutableEnumChecker") // lambdas that hold nothing
        private final Consumer<BufferedChannel> act;

        Ending(Consumer<BufferedChannel> act) {
            this.act = act;
        }
    }

    @ParameterizedTest
    @EnumSource
    void theCloseIsToldThoughTheExecutorHasEnded(Ending ending) {
        List<CloseReason> closes = new ArrayList<>();
        List<BufferedChannel> gone = new ArrayList<>();
        Executor executor = task -> {
            throw new RejectedExecutionException("ended");
        };
        BufferedChannel channel = new BufferedChannel(
                context(executor),
                new BufferedChannel.Remote("test:", Optional.empty(), Optional.empty()),
                new BufferedChannel.Sizes(1_000, 100, 50, 1_000),
                gone::add);
        channel.attach(new FullLink());
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {}

            @Override
            public void onClosed(CloseReason reason) {
                closes.add(reason);
            }
        });
        CompletableFuture<Void> sending =
                channel.send(Message.text("waits for room")).toCompletableFuture();
        assertThat(sending).isNotDone();
        ending.act.accept(channel);
        assertThat(closes).hasSize(1);
        assertThat(sending).as("the outstanding send").isDone();
        assertThat(gone).as("the transport's list").contains(channel);
    }

    private static TransportContext context(Executor executor) {
        return new TransportContext() {
            @Override
            public Executor executor() {
                return executor;
            }

            @Override
            public Scheduler scheduler() {
                return (delay, task) -> () -> {};
            }

            @Override
            public int maxMessageBytes() {
                return 1_024;
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
    }

    /** Never has room. */
    private static final class FullLink implements MessageLink {
        @Override
        public void send(Message message) {}

        @Override
        public long buffered() {
            return 1_000;
        }

        @Override
        public void closeInOrder() {}

        @Override
        public void closeTimedOut(SyncException failure) {}

        @Override
        public void abort() {}

        @Override
        public void giveUp() {}

        @Override
        public void resumeReading() {}
    }
}
