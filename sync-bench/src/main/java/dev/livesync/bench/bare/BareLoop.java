package dev.livesync.bench.bare;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads the CARs of a {@link BareSender}, verifies every block, stores it, makes each CAR durable. */
public final class BareLoop {
    /** Messages under way: enough to keep the socket busy while the disk is. */
    private static final int REQUESTED = 16;

    private static final long PATIENCE_SECONDS = 30;

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
            for (String size : Arrays.asList(sizes.split(" "))) {
                receive(channel, arrived, Integer.parseInt(size), store);
            }
            return System.nanoTime() - start;
        } finally {
            var unused = channel.close();
        }
    }

    private static void receive(Channel channel, BlockingQueue<Message> arrived, int size, BareStore store)
            throws Exception {
        CarDecoder decoder = new CarDecoder(new CarDecoder.Handler() {
            @Override
            public void roots(List<Cid> roots) {
                // Just a header here.
            }

            @Override
            public void block(Block block) {
                try {
                    store.put(block);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        while (decoder.bytes() < size) {
            byte[] piece = next(channel, arrived).payload();
            decoder.feed(piece, 0, piece.length);
        }
        decoder.finish();
        store.sync();
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
