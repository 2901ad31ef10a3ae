package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.tck.internal.TestContext;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A loop that is late finds both: bytes that came in time, and a deadline that has passed since. */
class LateLoopTest {
    private final TestContext context = new TestContext(1 << 20, Duration.ofSeconds(10));
    private final CompletableFuture<Runnable> firstTimer = new CompletableFuture<>();
    private final CountDownLatch late = new CountDownLatch(1);
    private final BlockingQueue<Channel> arrivals = new LinkedBlockingQueue<>();
    private final DialingTransport transport =
            (DialingTransport) new WebSocketTransportProvider(WebSocketConfiguration.defaults()).open(new HeldUp());

    /** The first timer that is set keeps the loop, which sets it, until the test lets it go on. */
    private final class HeldUp implements TransportContext {
        @Override
        public Executor executor() {
            return context.executor();
        }

        @Override
        public Scheduler scheduler() {
            return (delay, task) -> {
                if (!firstTimer.complete(task)) {
                    return context.scheduler().schedule(delay, task);
                }
                try {
                    late.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return () -> {};
            };
        }

        @Override
        public int maxMessageBytes() {
            return context.maxMessageBytes();
        }

        @Override
        public Duration connectTimeout() {
            return context.connectTimeout();
        }

        @Override
        public Duration closeTimeout() {
            return context.closeTimeout();
        }
    }

    @AfterEach
    void close() {
        late.countDown();
        transport.close();
        context.close();
    }

    @Test
    void aFirstByteThatHasArrivedIsRead() throws Exception {
        String address = Station.get(transport.listen("ws://127.0.0.1:0/", arrivals::add))
                .address();
        try (RawPeer peer = RawPeer.dial(address)) {
            Runnable timer = Station.get(firstTimer);
            peer.write(RawPeer.request("/", ""));
            timer.run();
            late.countDown();
            assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
        }
    }

    @Test
    void whoHasSentNothingIsLeft() throws Exception {
        String address = Station.get(transport.listen("ws://127.0.0.1:0/", arrivals::add))
                .address();
        try (RawPeer peer = RawPeer.dial(address)) {
            Runnable timer = Station.get(firstTimer);
            timer.run();
            late.countDown();
            assertThat(peer.readToEnd()).isEmpty();
        }
    }
}
