package dev.livesync.core.session;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Refusal;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;

/**
 * Channels to callers who are turned away, and get to hear why before the channel closes in order. That takes a moment, and a
 * caller can make it a long one; so there are only a few such channels at a time, and whoever comes on top hears nothing. Any
 * thread.
 */
public final class RefusalSender {
    private final Semaphore places;

    RefusalSender(int most) {
        places = new Semaphore(most);
    }

    /**
     * Turns away on a channel that nobody has started.
     *
     * @param channel not started
     * @param why what the caller hears, if that is said to callers
     */
    public void sayAndClose(Channel channel, SyncException why) {
        if (!Refusal.isSaid(why.kind()) || !places.tryAcquire()) {
            channel.abort(why);
            return;
        }
        try {
            channel.start(new Deaf());
            var unused = channel.send(Refusal.write(why.kind()));
        } catch (RuntimeException e) {
            // It has ended already; closing it says so.
            channel.abort(why);
        }
        close(channel, why);
    }

    /** Turns away on a channel that has begun, in its mailbox. What else was to be sent is not. */
    void sayAndClose(SerialChannel serial, SyncException why) {
        if (!serial.hasRoom() || !Refusal.isSaid(why.kind()) || !places.tryAcquire()) {
            serial.channel().abort(why);
            return;
        }
        serial.send(Refusal.write(why.kind()));
        close(serial.channel(), why);
    }

    private void close(Channel channel, SyncException why) {
        CompletionStage<Void> gone;
        try {
            gone = channel.close();
        } catch (RuntimeException e) {
            places.release();
            channel.abort(why);
            return;
        }
        var unused = gone.whenComplete((nothing, thrown) -> places.release());
    }

    /** Has asked for no message. */
    private static final class Deaf implements ChannelListener {
        @Override
        public void onMessage(Message message) {}

        @Override
        public void onClosed(CloseReason reason) {}
    }
}
