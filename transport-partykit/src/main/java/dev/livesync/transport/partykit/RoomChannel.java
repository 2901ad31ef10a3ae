package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.MessageLink;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One end of a channel between two members: cuts messages into pieces and puts them together, spends credit and grants it, and ends. What the
 * {@link BufferedChannel} calls is for any thread, the rest for the loop.
 *
 * <p>While the channel wants no more, whole messages wait here, at most a window of them, and the window isn't opened. Either end closes by
 * FIN, which the other answers by its own: there is no half-open channel.
 */
final class RoomChannel implements MessageLink {
    /** What carries its frames. */
    interface Carrier {
        /** It has something to send: {@link RoomChannel#nextFrame} until that is null. */
        void ready(RoomChannel channel);

        /** Ends the channel's other end at once, and forgets this one. */
        void reset(ChannelKey key, String reason);

        /** Forgets it: it has ended in order. */
        void ended(ChannelKey key);
    }

    /** What a message that waits to be sent costs beyond its bytes. */
    private static final int OVERHEAD = 64;

    private final Carrier carrier;
    private final ChannelKey key;
    private final BufferedChannel channel;
    private final RoomLoop loop;
    private final int maxMessageBytes;
    private final int window;

    private final AtomicLong buffered = new AtomicLong();
    private final Deque<Message> queue = new ArrayDeque<>();
    /** How much of the first message in the queue has been sent. */
    private int sent;

    private long credit;
    private boolean finishing;
    private boolean finished;

    /** How much the other end may still send. */
    private long granted;
    /** What was taken and not granted again yet. */
    private int taken;

    private byte[] begun = {};
    private int begunBytes;
    private int begunCost;
    private boolean isBegun;
    private boolean isBinary;
    private final Deque<Arrival> waiting = new ArrayDeque<>();

    private boolean closing;
    private boolean peerFinished;
    private boolean over;
    /** Whether the carrier has it in its list. */
    boolean listed;

    private record Arrival(Message message, int cost) {}

    /**
     * Creates this end of an open channel.
     *
     * @param credit what the other end has granted
     * @param maxMessageBytes the largest message that is taken
     * @param window what was granted to the other end
     */
    RoomChannel(
            Carrier carrier,
            ChannelKey key,
            BufferedChannel channel,
            RoomLoop loop,
            long credit,
            int maxMessageBytes,
            int window) {
        this.carrier = carrier;
        this.key = key;
        this.channel = channel;
        this.loop = loop;
        this.credit = credit;
        this.maxMessageBytes = maxMessageBytes;
        this.window = window;
        this.granted = window;
    }

    ChannelKey key() {
        return key;
    }

    // What the channel calls.

    @Override
    public void send(Message message) {
        buffered.addAndGet(message.size() + OVERHEAD);
        loop.execute(() -> {
            if (!over && !finishing) {
                queue.add(message);
                carrier.ready(this);
            }
        });
    }

    @Override
    public long buffered() {
        return buffered.get();
    }

    @Override
    public void resumeReading() {
        loop.execute(this::drain);
    }

    @Override
    public void closeInOrder() {
        loop.execute(() -> {
            if (!over && !closing) {
                closing = true;
                discard();
                finishing = true;
                carrier.ready(this);
                closeIfBothHave();
            }
        });
    }

    @Override
    public void closeTimedOut(SyncException failure) {
        loop.execute(() -> {
            if (!over && finished) {
                // Everything went out; only the other's end is missing.
                end("it waited too long for the end");
                channel.closedByUs();
            } else if (!over) {
                channel.abort(failure);
            }
        });
    }

    @Override
    public void abort() {
        loop.execute(() -> end("it was ended"));
    }

    @Override
    public void giveUp() {
        loop.execute(() -> end("a defect"));
    }

    private void end(String reason) {
        if (!over) {
            over = true;
            forget();
            carrier.reset(key, reason);
        }
    }

    private void forget() {
        queue.clear();
        waiting.clear();
        begun = new byte[0];
        buffered.set(0);
    }

    // What is sent.

    boolean hasFrame() {
        return !over && (isCreditDue() || (queue.isEmpty() ? finishing && !finished : isAffordable()));
    }

    private boolean isAffordable() {
        long left = credit - RoomFrame.PIECE_COST;
        return left > 0 || left == 0 && queue.getFirst().size() == 0;
    }

    /** The next frame; null if nothing can be sent now. */
    @Nullable
    ClientFrame nextFrame() {
        if (!hasFrame()) {
            return null;
        }
        if (isCreditDue()) {
            int bytes = taken;
            taken = 0;
            granted += bytes;
            return RoomFrame.credit(key.member(), key.byListener(), key.number(), bytes);
        }
        Message message = queue.peek();
        if (message == null) {
            finished = true;
            loop.execute(this::closeIfBothHave);
            return RoomFrame.fin(key.member(), key.byListener(), key.number());
        }
        int from = sent;
        int length = (int) Math.min(Math.min(RoomFrame.PIECE, message.size() - from), credit - RoomFrame.PIECE_COST);
        boolean last = from + length == message.size();
        credit -= length + RoomFrame.PIECE_COST;
        buffered.addAndGet(-length);
        sent += length;
        if (last) {
            queue.remove();
            sent = 0;
            buffered.addAndGet(-OVERHEAD);
        }
        int flags = (message.kind() == Message.Kind.BINARY ? RoomFrame.BINARY : 0) | (last ? 0 : RoomFrame.MORE);
        loop.execute(channel::roomMade);
        return RoomFrame.data(key.member(), key.byListener(), key.number(), flags, message.payload(), from, length);
    }

    private boolean isCreditDue() {
        return taken >= window / 2 && !peerFinished;
    }

    // What arrives.

    /** Takes a frame of the other end. */
    void take(RoomFrame frame) {
        if (over) {
            return;
        }
        ByteBuffer payload = frame.payload();
        try {
            switch (frame.type()) {
                case RoomFrame.DATA -> data(payload);
                case RoomFrame.CREDIT -> widen(payload);
                case RoomFrame.FIN -> finish(payload);
                case RoomFrame.RESET -> {
                    broken(new SyncException(
                            ErrorKind.DISCONNECTED, channel.remote() + " ended the channel: " + frame.reason()));
                    carrier.ended(key);
                }
                default ->
                    throw RoomFailures.malformed("it sent a frame of the type " + frame.type() + " on an open channel");
            }
        } catch (SyncException e) {
            end(RoomFailures.text(e));
            channel.failed(new SyncException(e.kind(), channel.remote() + ": " + RoomFailures.text(e), e));
        }
    }

    private void widen(ByteBuffer payload) {
        long bytes = payload.remaining() == 4 ? payload.getInt() & 0xffffffffL : 0;
        if (bytes == 0 || credit + bytes > RoomFrame.CREDIT_LIMIT) {
            throw RoomFailures.malformed("it granted credit that cannot be");
        }
        credit += bytes;
        carrier.ready(this);
    }

    private void data(ByteBuffer payload) {
        if (peerFinished || payload.remaining() < 1) {
            throw RoomFailures.malformed(
                    peerFinished ? "it sent more behind its end" : "it sent a piece without its flags");
        }
        int flags = payload.get() & 0xff;
        int length = payload.remaining();
        int cost = length + RoomFrame.PIECE_COST;
        if (cost > granted) {
            throw RoomFailures.malformed("it sent a piece of " + length + " bytes where " + granted + " were granted");
        }
        granted -= cost;
        if ((flags & ~(RoomFrame.BINARY | RoomFrame.MORE)) != 0
                || isBegun && isBinary != ((flags & RoomFrame.BINARY) != 0)) {
            throw RoomFailures.malformed("it sent a piece with flags that cannot be");
        }
        if (closing) {
            consumed(cost);
            return;
        }
        if ((long) begunBytes + length > maxMessageBytes) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED, "it sent a message over the limit of " + maxMessageBytes + " bytes");
        }
        isBegun = true;
        isBinary = (flags & RoomFrame.BINARY) != 0;
        keep(payload, length, (flags & RoomFrame.MORE) != 0);
        begunCost += cost;
        if ((flags & RoomFrame.MORE) == 0) {
            byte[] bytes = begun.length == begunBytes ? begun : Arrays.copyOf(begun, begunBytes);
            waiting.add(new Arrival(new Message(isBinary ? Message.Kind.BINARY : Message.Kind.TEXT, bytes), begunCost));
            begun = new byte[0];
            begunBytes = 0;
            begunCost = 0;
            isBegun = false;
            drain();
        }
    }

    /** Adds a piece to the message that is arriving; what it takes grows with what has come. */
    private void keep(ByteBuffer payload, int length, boolean more) {
        int wanted = begunBytes + length;
        if (wanted > begun.length) {
            int size = more ? Math.min(maxMessageBytes, wanted * 2) : wanted;
            begun = Arrays.copyOf(begun, size);
        }
        payload.get(begun, begunBytes, length);
        begunBytes = wanted;
    }

    private void drain() {
        while (!over && channel.wantsMore() && !waiting.isEmpty()) {
            Arrival next = waiting.remove();
            consumed(next.cost());
            channel.arrived(next.message());
        }
        endIfFinished();
    }

    private void consumed(int cost) {
        taken += cost;
        if (isCreditDue()) {
            carrier.ready(this);
        }
    }

    private void discard() {
        int cost = begunCost;
        for (Arrival each : waiting) {
            cost += each.cost();
        }
        waiting.clear();
        begun = new byte[0];
        begunBytes = 0;
        begunCost = 0;
        isBegun = false;
        consumed(cost);
    }

    private void finish(ByteBuffer payload) {
        if (peerFinished || payload.hasRemaining()) {
            throw RoomFailures.malformed("it sent an end that cannot be");
        }
        peerFinished = true;
        // It reads no more, so what is queued is for nobody.
        queue.clear();
        sent = 0;
        buffered.set(0);
        finishing = true;
        carrier.ready(this);
        if (closing) {
            closeIfBothHave();
        } else {
            channel.outputBroken(new SyncException(ErrorKind.DISCONNECTED, channel.remote() + " has gone"));
            endIfFinished();
        }
    }

    private void endIfFinished() {
        if (over || closing || !peerFinished || !finished || !waiting.isEmpty()) {
            return;
        }
        over = true;
        carrier.ended(key);
        if (isBegun) {
            channel.failed(
                    new SyncException(ErrorKind.DISCONNECTED, channel.remote() + " ended in the middle of a message"));
        } else {
            channel.closedByPeer(null);
        }
    }

    private void closeIfBothHave() {
        if (closing && !over && peerFinished && finished) {
            over = true;
            carrier.ended(key);
            channel.closedByUs();
        } else {
            endIfFinished();
        }
    }

    /** The connection broke, or the other end has ended it. */
    void broken(SyncException reason) {
        if (over || peerFinished && !closing) {
            // It had said goodbye before: what has arrived may still be read.
            finished = true;
            endIfFinished();
            return;
        }
        over = true;
        boolean orderly = closing && finished;
        forget();
        if (orderly) {
            channel.closedByUs();
        } else {
            channel.failed(reason);
        }
    }
}
