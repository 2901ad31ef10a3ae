package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.internal.Probe;
import dev.livesync.transport.support.BufferedChannel;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Neither side runs ahead of the other, and neither is left waiting. */
class WebSocketFlowTest {
    private static WebSocketConfiguration configuration(String scheme) throws Exception {
        if (scheme.equals("ws")) {
            return WebSocketConfiguration.defaults();
        }
        TestKeys keys = TestKeys.shared();
        return WebSocketConfiguration.builder()
                .serverKeyStore(keys.file(), TestKeys.PASSWORD)
                .pinnedCertificates(Set.of(keys.hash()))
                .build();
    }

    /** Sends numbered messages, each when the one before has made room; says how many are through. */
    private static final class Sender {
        private final Channel channel;
        private final int size;
        private final long count;
        final AtomicLong sent = new AtomicLong();
        final CompletableFuture<Void> done = new CompletableFuture<>();

        Sender(Channel channel, int size, long count) {
            this.channel = channel;
            this.size = size;
            this.count = count;
        }

        Sender start() {
            next();
            return this;
        }

        private void next() {
            while (true) {
                long number = sent.get();
                if (number == count) {
                    done.complete(null);
                    return;
                }
                byte[] bytes = new byte[size];
                ByteBuffer.wrap(bytes).putLong(number);
                CompletableFuture<Void> stage =
                        channel.send(Message.binary(bytes)).toCompletableFuture();
                sent.incrementAndGet();
                if (!stage.isDone() || stage.isCompletedExceptionally()) {
                    var unused = stage.whenComplete((through, e) -> {
                        if (e != null) {
                            done.completeExceptionally(e);
                        } else {
                            next();
                        }
                    });
                    return;
                }
            }
        }
    }

    /** Counts numbered messages, in order; requests a few at a time. */
    private static final class Counter implements ChannelListener {
        private final Channel channel;
        private final long expected;
        private long received;
        final CompletableFuture<Void> done = new CompletableFuture<>();

        private Counter(Channel channel, long expected) {
            this.channel = channel;
            this.expected = expected;
        }

        static Counter on(Channel channel, long expected) {
            Counter counter = new Counter(channel, expected);
            channel.start(counter);
            channel.request(16);
            return counter;
        }

        @Override
        public void onMessage(Message message) {
            long number = ByteBuffer.wrap(message.payload()).getLong();
            if (number != received) {
                done.completeExceptionally(new AssertionError("message " + number + " instead of " + received));
            }
            received++;
            if (received % 8 == 0) {
                channel.request(8);
            }
            if (received == expected) {
                done.complete(null);
            }
        }

        @Override
        public void onClosed(CloseReason reason) {
            done.completeExceptionally(new AssertionError("closed: " + reason));
        }
    }

    private static void exchange(String scheme, int size, long count) throws Exception {
        try (Station here = new Station(configuration(scheme));
                Station there = new Station(configuration(scheme))) {
            Channel dialled = here.dial(there.listen(scheme + "://127.0.0.1:0/").address());
            Channel accepted = there.arrival();
            Counter atDialler = Counter.on(dialled, count);
            Counter atListener = Counter.on(accepted, count);
            Sender byDialler = new Sender(dialled, size, count).start();
            Sender byListener = new Sender(accepted, size, count).start();
            CompletableFuture<Void> all =
                    CompletableFuture.allOf(atDialler.done, atListener.done, byDialler.done, byListener.done);
            watch(all, atDialler, atListener);
        }
    }

    /** Waits as long as it goes on, however slowly: a stall is a while in which nothing at all arrives. */
    private static void watch(CompletableFuture<Void> all, Counter... counters) throws Exception {
        long before = -1;
        while (true) {
            long now = 0;
            for (Counter counter : counters) {
                now += counter.received;
            }
            assertThat(now).as("messages so far; nothing arrived for 30 s").isGreaterThan(before);
            before = now;
            try {
                all.get(30, TimeUnit.SECONDS);
                return;
            } catch (java.util.concurrent.TimeoutException e) {
                // slow is not stalled
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss"})
    void manySmallMessagesPassBothWaysAtOnce(String scheme) throws Exception {
        exchange(scheme, 64, 100_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss"})
    void manyLargeMessagesPassBothWaysAtOnce(String scheme) throws Exception {
        exchange(scheme, 300_000, 200);
    }

    @Test
    @Tag("soak")
    void aMillionSmallMessagesPassBothWaysWithoutAStall() throws Exception {
        exchange("ws", 64, 2_000_000);
    }

    @Test
    @Tag("soak")
    void aMillionSmallMessagesPassBothWaysWithoutAStallOverTls() throws Exception {
        exchange("wss", 64, 1_000_000);
    }

    /** One message under way at a time: every single wake-up counts, as nothing comes after it that could help. */
    private static void echo(String scheme, int rounds, IntUnaryOperator size) throws Exception {
        try (Station here = new Station(configuration(scheme));
                Station there = new Station(configuration(scheme))) {
            Channel dialled = here.dial(there.listen(scheme + "://127.0.0.1:0/").address());
            Channel accepted = there.arrival();
            AtomicLong left = new AtomicLong(2L * rounds);
            CountDownLatch done = new CountDownLatch(1);
            // Before anybody listens: the echo may be back before this send is over.
            Station.get(dialled.send(Message.text("to and fro")));
            for (Channel channel : new Channel[] {dialled, accepted}) {
                channel.start(new ChannelListener() {
                    private CompletionStage<Void> last = CompletableFuture.completedStage(null);

                    @Override
                    public void onMessage(Message message) {
                        channel.request(1);
                        long more = left.decrementAndGet();
                        if (more > 0) {
                            // The echo of a large message may be there before the word that its sending is over.
                            last = last.thenCompose(
                                    over -> channel.send(Message.binary(new byte[size.applyAsInt((int) more)])));
                        } else {
                            done.countDown();
                        }
                    }

                    @Override
                    public void onClosed(CloseReason reason) {}
                });
                channel.request(1);
            }
            long before = Long.MAX_VALUE;
            while (!done.await(30, TimeUnit.SECONDS)) {
                assertThat(left.get()).as("rounds left; nothing moved for 30 s").isLessThan(before);
                before = left.get();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss"})
    void everyEchoComesBack(String scheme) throws Exception {
        echo(scheme, 10_000, round -> 10);
    }

    /** Larger than what is read in one turn, in all sizes around it: what is left over makes no socket ready. */
    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss"})
    void everyLargeEchoComesBack(String scheme) throws Exception {
        echo(scheme, 100, round -> (1 << 20) - 4_999 * (round % 100));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss"})
    @Tag("soak")
    void aMillionEchoesComeBack(String scheme) throws Exception {
        echo(scheme, 1_000_000, round -> 10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss"})
    void aReaderThatNeverRequestsHoldsTheSenderBackAndMemoryStaysBounded(String scheme) throws Exception {
        int size = 256 * 1024;
        int count = 800; // 200 MB
        try (Station here = new Station(configuration(scheme));
                Station there = new Station(configuration(scheme))) {
            Channel dialled = here.dial(there.listen(scheme + "://127.0.0.1:0/").address());
            Probe atDialler = here.probe(dialled, 1);
            Channel accepted = there.arrival();
            Probe atListener = there.probe(accepted, 0);
            Sender sender = new Sender(dialled, size, count).start();

            // A round trip the other way, while nothing is read here.
            Station.get(accepted.send(Message.text("over there")));
            atDialler.await(1);
            BufferedChannel receiver = (BufferedChannel) accepted;
            long sent = settled(sender);
            assertThat(sender.done).isNotDone();
            // What a kernel takes is its own affair; 200 MB are more than that.
            assertThat(sent * size).as("bytes that left the sender").isLessThan(100L << 20);
            assertThat(receiver.waitingBytes())
                    .as("bytes that wait for a request")
                    .isLessThan(2L << 20);
            assertThat(atListener.messages()).isEmpty();

            Thread drain = new Thread(() -> atListener.request(Long.MAX_VALUE));
            drain.setDaemon(true);
            drain.start();
            drain.join();
            sender.done.get(120, TimeUnit.SECONDS);
            assertThat(atListener.await(count)).hasSize(count);
        }
    }

    /** The count once it has stopped growing for a while. */
    private static long settled(Sender sender) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long before = -1;
        for (long now = sender.sent.get(); now != before; now = sender.sent.get()) {
            before = now;
            if (never.await(500, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("nobody counts this down");
            }
        }
        return before;
    }
}
