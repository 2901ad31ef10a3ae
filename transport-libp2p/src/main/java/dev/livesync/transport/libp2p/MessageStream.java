package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.MessageLink;
import dev.livesync.transport.support.libp2p.Blocks;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.MessageDecoder;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The stream between a connection and a channel: frames messages both ways, applies backpressure, and closes. The methods that the channel
 * calls are for any thread, the rest is for the event loop.
 *
 * <p>While the channel wants no more, what arrives waits here undecoded, at most a window of it, and the window isn't opened.
 * Either side closes by finishing its half of the stream, upon which the other finishes its own: there is no half-open
 * channel.
 */
final class MessageStream implements YamuxStream.Reader, MessageLink {
    private final Libp2pConnection connection;
    private final YamuxStream stream;
    private final BufferedChannel channel;
    private final MessageDecoder decoder;
    private final Blocks waiting = new Blocks();
    private final AtomicLong buffered = new AtomicLong();
    /** The bytes that were queued before this stream carried messages; not counted. */
    private long others;

    private boolean closing;
    private boolean peerFinished;
    private boolean over;

    MessageStream(Libp2pConnection connection, YamuxStream stream, BufferedChannel channel, int maxMessageBytes) {
        this.connection = connection;
        this.stream = stream;
        this.channel = channel;
        this.decoder = new MessageDecoder(maxMessageBytes);
        this.others = stream.queued();
    }

    BufferedChannel channel() {
        return channel;
    }

    @Override
    public void send(Message message) {
        ByteBuffer header = MessageDecoder.header(message);
        ByteBuffer payload = ByteBuffer.wrap(message.payload());
        buffered.addAndGet(header.remaining() + payload.remaining());
        connection.execute(() -> {
            stream.write(header);
            stream.write(payload);
            connection.requestFlush();
        });
    }

    /** The bytes that wait to be encrypted. */
    @Override
    public long buffered() {
        return buffered.get();
    }

    @Override
    public void resumeReading() {
        connection.execute(() -> {
            drain();
            connection.requestFlush();
        });
    }

    /** Closes our direction behind everything that was sent. */
    @Override
    public void closeInOrder() {
        connection.execute(() -> {
            if (!over) {
                closing = true;
                discard();
                stream.finish();
                connection.requestFlush();
                closeIfBothHave();
            }
        });
    }

    @Override
    public void closeTimedOut(SyncException failure) {
        connection.execute(() -> {
            if (!over && stream.hasFinished()) {
                // Everything went out; only the peer's end is missing.
                over = true;
                reset();
                channel.closedByUs();
            } else if (!over) {
                channel.abort(failure);
            }
        });
    }

    /** Resets the stream. libp2p has no way to send a reason. */
    @Override
    public void giveUp() {
        abort();
    }

    /** Resets the stream, so that the peer sees that the end is not regular. */
    @Override
    public void abort() {
        connection.execute(() -> {
            over = true;
            waiting.clear();
            buffered.set(0);
            reset();
        });
    }

    private void reset() {
        stream.reset();
        connection.requestFlush();
    }

    @Override
    public void onBytes(byte[] bytes, int offset, int count) {
        if (over || closing) {
            stream.consumed(count);
            return;
        }
        int taken = waiting.size() > 0 ? 0 : decode(bytes, offset, count);
        if (taken < count && !over) {
            waiting.add(bytes, offset + taken, count - taken);
        }
    }

    private int decode(byte[] bytes, int offset, int count) {
        int taken = 0;
        try {
            while (taken < count && !over && channel.wantsMore()) {
                taken += decoder.receive(bytes, offset + taken, count - taken);
                Message message = decoder.take();
                if (message != null) {
                    connection.brought(stream);
                    channel.arrived(message);
                }
            }
        } catch (SyncException e) {
            over = true;
            waiting.clear();
            reset();
            channel.failed(Libp2pFailures.at(connection.remote(), e));
        }
        stream.consumed(taken);
        return taken;
    }

    private void drain() {
        while (!over && waiting.size() > 0 && channel.wantsMore()) {
            int taken = decode(waiting.first(), waiting.start(), waiting.count());
            if (!over) {
                waiting.drop(taken);
            }
        }
        endIfFinished();
    }

    private void discard() {
        stream.consumed(waiting.size());
        waiting.clear();
    }

    @Override
    public void onFinished() {
        peerFinished = true;
        if (closing) {
            closeIfBothHave();
        } else if (!over) {
            // It reads no more, so what is queued is for nobody.
            channel.outputBroken(new SyncException(ErrorKind.DISCONNECTED, connection.remote() + " has gone"));
            stream.finishNow();
            connection.requestFlush();
            endIfFinished();
        }
    }

    private void endIfFinished() {
        if (!over && !closing && peerFinished && waiting.size() == 0) {
            over = true;
            if (decoder.isUnderWay()) {
                channel.failed(new SyncException(
                        ErrorKind.DISCONNECTED, connection.remote() + " closed the stream in the middle of a message"));
            } else {
                channel.closedByPeer(null);
            }
        }
    }

    private void closeIfBothHave() {
        if (!over && closing && peerFinished && stream.hasFinished()) {
            over = true;
            channel.closedByUs();
        }
    }

    @Override
    public void onBroken(SyncException reason) {
        buffered.set(0);
        if (over || peerFinished && !closing) {
            return; // it had said goodbye before
        }
        over = true;
        waiting.clear();
        if (closing && stream.hasFinished()) {
            channel.closedByUs();
        } else {
            channel.failed(reason.kind() == ErrorKind.CLOSED ? reason : Libp2pFailures.at(connection.remote(), reason));
        }
    }

    @Override
    public void onSent(long bytes) {
        long foreign = Math.min(others, bytes);
        others -= foreign;
        buffered.addAndGet(foreign - bytes);
        channel.roomMade();
        closeIfBothHave();
    }
}
