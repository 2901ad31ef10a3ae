package dev.livesync.bench.bare;

import dev.livesync.api.Event;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.car.Limits;
import dev.livesync.car.pack.PackReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads the packs of a {@link BareSender}, rebuilds and hashes every block, stores it, makes each pack durable. */
public final class BareLoop {
    /** Messages under way: enough to keep the socket busy while the disk is. */
    private static final int REQUESTED = 16;

    private static final long PATIENCE_SECONDS = 30;
    private static final int MOST_EVENTS = 100_000;
    private static final long MOST_BYTES = 64 << 20;

    private BareLoop() {}

    /**
     * Dials and receives everything.
     *
     * @param transport how
     * @param address where a {@link BareSender} serves
     * @param store gets the blocks
     * @return nanoseconds from before the dial until all is stored
     * @throws Exception if something does not arrive, or not as it was
     */
    public static long run(DialingTransport transport, String address, BareStore store) throws Exception {
        BlockingQueue<Message> arrived = new LinkedBlockingQueue<>();
        long start = System.nanoTime();
        Channel channel = transport.dial(address).toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        try {
            channel.start(new ChannelListener() {
                @Override
                public void onMessage(Message message) {
                    arrived.add(message);
                }

                @Override
                public void onClosed(CloseReason reason) {
                    // A loop that still waits runs into its own patience.
                }
            });
            channel.request(REQUESTED);
            String sizes = new String(next(channel, arrived).payload(), StandardCharsets.UTF_8);
            PackReader packs = new PackReader(Limits.DEFAULT, MOST_EVENTS, MOST_BYTES);
            for (String size : Arrays.asList(sizes.split(" "))) {
                byte[] pack = receive(channel, arrived, Integer.parseInt(size));
                for (Event event : packs.read(pack, 0, pack.length)) {
                    store.put(event.block());
                }
                store.sync();
            }
            return System.nanoTime() - start;
        } finally {
            var unused = channel.close();
        }
    }

    private static byte[] receive(Channel channel, BlockingQueue<Message> arrived, int size) throws Exception {
        ByteBuffer pack = ByteBuffer.allocate(size);
        while (pack.hasRemaining()) {
            pack.put(next(channel, arrived).payload());
        }
        return pack.array();
    }

    private static Message next(Channel channel, BlockingQueue<Message> arrived) throws Exception {
        @Nullable Message message = arrived.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message == null) {
            throw new IllegalStateException("no message for " + PATIENCE_SECONDS + " s");
        }
        channel.request(1);
        return message;
    }
}
