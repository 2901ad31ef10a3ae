package dev.livesync.core.session;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Refusal;
import dev.livesync.core.message.ControlText;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Refuses callers: sends the reason and then closes the channel in order. Since a caller can make that slow, only a few such channels exist
 * at a time; further callers are refused without a message. Any thread.
 */
public final class RefusalSender {
    private final Semaphore places;

    RefusalSender(int most) {
        places = new Semaphore(most);
    }

    /**
     * Refuses a caller on a channel that nobody has started.
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

    /**
     * Refuses a caller on a channel that has begun, in its mailbox. Nothing else is sent any more. A send that is under way completes
     * first, which takes {@link SyncContext#closeTimeout} at most. It may be under way even if the peer has answered it already, since the
     * answer can arrive before the send completes.
     */
    void sayAndClose(SyncContext context, SerialChannel serial, SyncException why) {
        if (Refusal.isSaid(why.kind())) {
            sayAndClose(context, serial, why, Refusal.write(why.kind()));
        } else {
            serial.channel().abort(why);
        }
    }

    /** As {@link #sayAndClose}, to a peer that has proved who it is and may hear all the words. */
    void dismiss(SyncContext context, SerialChannel serial, SyncException why) {
        sayAndClose(context, serial, why, ControlText.error(why.kind(), String.valueOf(why.getMessage())));
    }

    private void sayAndClose(SyncContext context, SerialChannel serial, SyncException why, Message word) {
        if (!serial.isUsable() || !places.tryAcquire()) {
            serial.channel().abort(why);
        } else if (serial.hasRoom()) {
            lastWord(serial, why, word);
        } else {
            new PendingRefusal(context, serial, why, word).begin();
        }
    }

    private void lastWord(SerialChannel serial, SyncException why, Message word) {
        serial.send(word);
        close(serial.channel(), why);
    }

    /** Owns the channel until there is room for the message, and counts as one of the few. */
    private final class PendingRefusal implements SerialChannel.Phase {
        private final SyncContext context;
        private final SerialChannel serial;
        private final SyncException why;
        private final Message word;
        private Runnable stopClock = () -> {};
        private final AtomicBoolean over = new AtomicBoolean(); // an executor's end comes on any thread

        PendingRefusal(SyncContext context, SerialChannel serial, SyncException why, Message word) {
            this.context = context;
            this.serial = serial;
            this.why = why;
            this.word = word;
        }

        void begin() {
            serial.become(this);
            stopClock = serial.executeLater(context.closeTimeout(), this::giveUp);
        }

        private boolean end() {
            stopClock.run();
            return over.compareAndSet(false, true);
        }

        private void giveUp() {
            if (end()) {
                places.release();
                serial.channel().abort(why);
            }
        }

        @Override
        public void room() {
            if (serial.hasRoom() && end()) {
                lastWord(serial, why, word);
            }
        }

        @Override
        public void message(Message message) {}

        @Override
        public void tampered(SyncException failure) {}

        @Override
        public void sendFailed(SyncException failure) {
            giveUp();
        }

        @Override
        public void channelClosed(CloseReason reason) {
            giveUp();
        }

        @Override
        public void crashed(SyncException failure) {
            giveUp();
        }

        @Override
        public void refused(SyncException failure) {
            giveUp();
        }
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

    /** Requests no messages. */
    private static final class Deaf implements ChannelListener {
        @Override
        public void onMessage(Message message) {}

        @Override
        public void onClosed(CloseReason reason) {}
    }
}
