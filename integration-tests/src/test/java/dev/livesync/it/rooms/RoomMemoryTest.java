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
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** workerd holds what a member doesn't read, however much that is; so the sender's credit has to bound it. */
@Tag("soak")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RoomMemoryTest {
    private static final int SIZE = 65_519;

    /** 256 MiB, if nobody stopped the sender. */
    private static final int MESSAGES = 4_096;

    private static final long BOUND = 32 << 20;

    @Test
    void aMemberThatDoesNotReadCostsTheRoomNoMoreThanItsCredit() throws Exception {
        try (ServedRoom room = ServedRoom.start(ServedRoom.Runtime.WORKERD);
                TestContext context = new TestContext(1 << 20, Duration.ofSeconds(20));
                DialingTransport near = (DialingTransport) new PartyKitTransportProvider().open(context);
                DialingTransport far = (DialingTransport) new PartyKitTransportProvider().open(context)) {
            BlockingQueue<Channel> arrivals = new LinkedBlockingQueue<>();
            String seat = far.listen("partykit+" + room.room("held") + "/", arrivals::add)
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS)
                    .address();
            exchange(near, seat, arrivals); // what the first frames cost is not what is asked
            Channel sender = near.dial(seat).toCompletableFuture().get(20, TimeUnit.SECONDS);
            arrivals.poll(20, TimeUnit.SECONDS).start(new Receiver(1)); // and requests nothing
            long before = room.memory();
            long sent = send(sender);
            long grown = room.memory() - before;
            System.out.printf(
                    Locale.ROOT,
                    "a sender came to wait after %.1f MB; workerd had %.1f MB before and %.1f MB more then%n",
                    sent / 1e6,
                    before / 1e6,
                    grown / 1e6);
            assertThat(sent).isLessThan(BOUND);
            assertThat(grown).isLessThan(BOUND);
            exchange(near, seat, arrivals); // others are served
        }
    }

    /** Sends until it has to wait; how many bytes. */
    private static long send(Channel sender) throws Exception {
        Message message = Message.binary(new byte[SIZE]);
        for (int i = 0; i < MESSAGES; i++) {
            try {
                sender.send(message).toCompletableFuture().get(5, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                return (long) i * SIZE;
            }
        }
        return (long) MESSAGES * SIZE;
    }

    private static void exchange(DialingTransport near, String seat, BlockingQueue<Channel> arrivals) throws Exception {
        Channel sender = near.dial(seat).toCompletableFuture().get(20, TimeUnit.SECONDS);
        Channel reader = arrivals.poll(20, TimeUnit.SECONDS);
        Receiver receiver = new Receiver(50);
        reader.start(receiver);
        reader.request(50);
        for (int i = 0; i < 50; i++) {
            sender.send(Message.binary(new byte[SIZE])).toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        receiver.all.get(20, TimeUnit.SECONDS);
        sender.close();
    }

    private static final class Receiver implements ChannelListener {
        final CompletableFuture<Void> all = new CompletableFuture<>();
        private final int expected;
        private int seen;

        Receiver(int expected) {
            this.expected = expected;
        }

        @Override
        public void onMessage(Message message) {
            if (++seen == expected) {
                all.complete(null);
            }
        }

        @Override
        public void onClosed(CloseReason reason) {
            all.completeExceptionally(new IllegalStateException("it ended: " + reason));
        }
    }
}
