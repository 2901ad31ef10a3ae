package dev.livesync.bench.bare;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.bench.channel.Outbox;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Sends packs as they are: one text with their sizes, then their bytes in pieces. */
public final class BareSender {
    /** As large as the pieces of a sync. */
    private static final int PIECE = 256 << 10;

    private BareSender() {}

    /**
     * Takes over a channel and sends at once. The receiver closes it.
     *
     * @param channel open, not started
     * @param packs what to send
     */
    public static void serve(Channel channel, List<byte[]> packs) {
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                // Nothing was requested.
            }

            @Override
            public void onClosed(CloseReason reason) {
                // The receiver knows whether it has everything.
            }
        });
        Outbox outbox = new Outbox(channel);
        outbox.send(Message.text(
                packs.stream().map(pack -> Integer.toString(pack.length)).collect(Collectors.joining(" "))));
        int piece = Math.min(PIECE, channel.maxMessageBytes());
        for (byte[] pack : packs) {
            for (int from = 0; from < pack.length; from += piece) {
                outbox.send(Message.binary(Arrays.copyOfRange(pack, from, Math.min(pack.length, from + piece))));
            }
        }
    }
}
