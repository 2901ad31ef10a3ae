package dev.livesync.bench.channel;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/**
 * Small messages to an {@link Echo} in windows: so many at once, then nothing before all are back. Each message carries its
 * number, and each echo has to be the next one. The silence after each window is what brings out lost wake-ups: nothing that
 * comes later helps a message that got stuck.
 */
public final class Windows implements ChannelListener {
    /** Alone, a few, and more than a socket's buffer takes at once. */
    private static final int[] SIZES = {1, 8, 64, 512};

    private final Outbox outbox;
    private final long total;
    private final int bytes;
    private final Watchdog watchdog;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private long sent;
    private long echoed;
    private int window;

    private Windows(Channel channel, long total, int bytes, Watchdog watchdog) {
        this.outbox = new Outbox(channel);
        this.total = total;
        this.bytes = bytes;
        this.watchdog = watchdog;
    }

    /**
     * Sends and waits until the last echo is back.
     *
     * @param channel open, not started; closed afterwards
     * @param total how many messages each way
     * @param bytes the size of each, at least 8
     * @param watchdog gets every echo
     * @throws TimeoutException if the watchdog sees a stall
     */
    public static void run(Channel channel, long total, int bytes, Watchdog watchdog) throws TimeoutException {
        Windows windows = new Windows(channel, total, bytes, watchdog);
        channel.start(windows);
        channel.request(Long.MAX_VALUE);
        windows.next();
        try {
            watchdog.await(CompletableFuture.anyOf(windows.done, windows.outbox.failure()));
        } finally {
            var unused = channel.close();
        }
    }

    private void next() {
        int size = (int) Math.min(total - sent, SIZES[window++ % SIZES.length]);
        long first = sent;
        sent += size; // before the first of them is sent: its echo may be here before send returns
        for (int i = 0; i < size; i++) {
            outbox.send(
                    Message.binary(ByteBuffer.allocate(bytes).putLong(first + i).array()));
        }
    }

    @Override
    public void onMessage(Message message) {
        long number =
                message.size() == bytes ? ByteBuffer.wrap(message.payload()).getLong() : -1;
        if (number != echoed) {
            done.completeExceptionally(new IllegalStateException("echo " + number + " came instead of echo " + echoed));
            return;
        }
        echoed++;
        watchdog.progress();
        if (echoed == total) {
            done.complete(null);
        } else if (echoed == sent) {
            next();
        }
    }

    @Override
    public void onClosed(CloseReason reason) {
        done.completeExceptionally(
                new IllegalStateException("the channel closed after " + echoed + " echoes: " + reason));
    }
}
