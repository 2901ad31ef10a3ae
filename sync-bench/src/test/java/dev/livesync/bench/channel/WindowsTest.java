package dev.livesync.bench.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.transport.memory.MemoryNetwork;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WindowsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Threads threads = new Threads();
    private final DialingTransport transport =
            (DialingTransport) new MemoryNetwork().provider().open(threads);

    @AfterEach
    void close() {
        transport.close();
        threads.close();
    }

    @Test
    void everyMessageComesBack() throws Exception {
        Watchdog watchdog = new Watchdog(LONG);
        Windows.run(dial(Echo::serve), 5_000, 32, watchdog);
        assertThat(watchdog.count()).isEqualTo(5_000);
    }

    @Test
    void aPeerThatSaysNothingIsAStall() {
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> Windows.run(
                        dial(channel -> channel.start(new Deaf())), 10, 8, new Watchdog(Duration.ofMillis(50))))
                .withMessageContaining("stalled");
    }

    @Test
    void anotherMessageThanTheExpectedOneIsAFailure() {
        assertThatThrownBy(() -> Windows.run(
                        dial(channel -> {
                            channel.start(new Deaf());
                            var unused = channel.send(Message.binary(new byte[] {0, 0, 0, 0, 0, 0, 0, 5}));
                        }),
                        10,
                        8,
                        new Watchdog(LONG)))
                .hasRootCauseMessage("echo 5 came instead of echo 0");
    }

    @Test
    void aChannelThatEndsIsAFailure() {
        assertThatThrownBy(() -> Windows.run(
                        dial(channel -> {
                            var unused = channel.close();
                        }),
                        10,
                        8,
                        new Watchdog(LONG)))
                .isInstanceOf(CompletionException.class);
    }

    private Channel dial(ChannelAcceptor acceptor) {
        String address = transport
                .listen("memory:", acceptor)
                .toCompletableFuture()
                .join()
                .address();
        return transport.dial(address).toCompletableFuture().join();
    }

    /** Never reads. */
    private static final class Deaf implements ChannelListener {
        @Override
        public void onMessage(Message message) {
            throw new AssertionError("nothing was requested");
        }

        @Override
        public void onClosed(CloseReason reason) {
            // Just as well.
        }
    }
}
