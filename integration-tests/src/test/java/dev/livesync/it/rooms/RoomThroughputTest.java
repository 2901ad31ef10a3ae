package dev.livesync.it.rooms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.it.room.ServedRoom;
import dev.livesync.tck.internal.TestContext;
import dev.livesync.transport.partykit.PartyKitTransportProvider;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the transport costs beside the room: as many frames of the same size through the same workerd, by a channel with its pieces and credit,
 * and by two bare WebSockets of the JDK's, in turns. The best round of each counts.
 */
@Tag("soak")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RoomThroughputTest {
    private static final int FRAMES = 800;
    private static final int SIZE = 65_519;
    private static final int ROUNDS = 5;

    @Test
    void aChannelIsNotMuchSlowerThanBareFrames() throws Exception {
        double bare = 0;
        double channel = 0;
        try (ServedRoom room = ServedRoom.start(ServedRoom.Runtime.WORKERD)) {
            for (int round = 0; round < ROUNDS; round++) {
                bare = Math.max(bare, bare(room.room("bare-" + round)));
                channel = Math.max(channel, channel("partykit+" + room.room("channel-" + round) + "/"));
            }
        }
        System.out.printf(
                Locale.ROOT,
                "through workerd, %d messages of %d bytes, best of %d: bare frames %.1f MB/s, a channel %.1f MB/s, ratio %.2f%n",
                FRAMES,
                SIZE,
                ROUNDS,
                bare,
                channel,
                channel / bare);
        assertThat(channel / bare).isGreaterThan(0.7);
    }

    private static double rate(long begun) {
        return (double) FRAMES * SIZE / 1_000 / ((System.nanoTime() - begun) / 1_000_000.0);
    }

    private static double channel(String address) throws Exception {
        try (TestContext context = new TestContext(1 << 20, Duration.ofSeconds(20));
                DialingTransport near = (DialingTransport) new PartyKitTransportProvider().open(context);
                DialingTransport far = (DialingTransport) new PartyKitTransportProvider().open(context)) {
            BlockingQueue<Channel> arrivals = new LinkedBlockingQueue<>();
            String seat = far.listen(address, arrivals::add)
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS)
                    .address();
            Channel sender = near.dial(seat).toCompletableFuture().get(20, TimeUnit.SECONDS);
            Channel receiver = arrivals.poll(20, TimeUnit.SECONDS);
            Counter counter = new Counter();
            receiver.start(counter);
            receiver.request(FRAMES);
            long begun = System.nanoTime();
            Message message = Message.binary(new byte[SIZE]);
            for (int i = 0; i < FRAMES; i++) {
                sender.send(message).toCompletableFuture().get(60, TimeUnit.SECONDS);
            }
            counter.all.get(60, TimeUnit.SECONDS);
            return rate(begun);
        }
    }

    private static final class Counter implements ChannelListener {
        final CompletableFuture<Void> all = new CompletableFuture<>();
        private int seen;

        @Override
        public void onMessage(Message message) {
            if (++seen == FRAMES) {
                all.complete(null);
            }
        }

        @Override
        public void onClosed(CloseReason reason) {
            all.completeExceptionally(new IllegalStateException("it ended: " + reason));
        }
    }

    private static double bare(URI room) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        BareMember receiver = new BareMember();
        BareMember sender = new BareMember();
        WebSocket there =
                client.newWebSocketBuilder().buildAsync(room, receiver).get(20, TimeUnit.SECONDS);
        String id = receiver.id.get(20, TimeUnit.SECONDS);
        WebSocket here = client.newWebSocketBuilder().buildAsync(room, sender).get(20, TimeUnit.SECONDS);
        sender.id.get(20, TimeUnit.SECONDS);
        byte[] name = id.getBytes(StandardCharsets.US_ASCII);
        byte[] frame = ByteBuffer.allocate(1 + name.length + 6 + SIZE)
                .put((byte) name.length)
                .put(name)
                .array();
        long begun = System.nanoTime();
        for (int i = 0; i < FRAMES; i++) {
            here.sendBinary(ByteBuffer.wrap(frame), true).get(60, TimeUnit.SECONDS);
        }
        receiver.all.get(60, TimeUnit.SECONDS);
        double rate = rate(begun);
        here.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
        there.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
        return rate;
    }

    private static final class BareMember implements WebSocket.Listener {
        final CompletableFuture<String> id = new CompletableFuture<>();
        final CompletableFuture<Void> all = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();
        private int seen;

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last && text.indexOf("\"you\":\"") >= 0) {
                id.complete(text.toString().replaceAll(".*\"you\":\"([^\"]*)\".*", "$1"));
            }
            if (last) {
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
            if (last && ++seen == FRAMES) {
                all.complete(null);
            }
            socket.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            id.completeExceptionally(error);
            all.completeExceptionally(error);
        }
    }
}
