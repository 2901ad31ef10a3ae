package dev.livesync.transport.jvmlibp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.MessageLink;
import dev.livesync.transport.support.libp2p.Blocks;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.MessageDecoder;
import io.libp2p.core.Stream;
import io.libp2p.etc.util.netty.mux.MuxId;
import io.libp2p.etc.util.netty.mux.RemoteWriteClosed;
import io.libp2p.transport.implementation.P2PChannelOverNetty;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The last handler of a library's stream: frames messages both ways, applies backpressure, and closes. The methods that the channel calls
 * are for any thread, the rest is for the event loop.
 *
 * <p>The library reports its own half-close as the channel's being inactive, and the peer's as an event; only the stream's
 * close is an end.
 */
final class JvmStream extends ChannelInboundHandlerAdapter implements MessageLink {
    private final Stream stream;
    private final Channel loop;
    private final MuxId id;
    private final Frames frames;
    private final String remote;
    private final BufferedChannel channel;
    private final MessageDecoder decoder;
    private final Blocks waiting = new Blocks();
    private final AtomicLong buffered = new AtomicLong();
    /** The bytes of window updates that are held back. */
    private long kept;

    private boolean closing;
    private boolean finished;
    private boolean peerFinished;
    private boolean over;

    JvmStream(Stream stream, BufferedChannel channel, String remote) {
        this.stream = stream;
        this.loop = ((P2PChannelOverNetty) stream).getNettyChannel();
        this.id = (MuxId) loop.id();
        this.frames = Frames.of(stream.getConnection());
        this.remote = remote;
        this.channel = channel;
        this.decoder = new MessageDecoder(channel.maxMessageBytes());
        frames.add(id, this);
        var unused = loop.closeFuture().addListener(done -> ended());
    }

    BufferedChannel channel() {
        return channel;
    }

    private void execute(Runnable task) {
        try {
            loop.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            ended();
        }
    }

    @Override
    public void send(Message message) {
        ByteBuffer header = MessageDecoder.header(message);
        ByteBuf all = Unpooled.wrappedBuffer(header, ByteBuffer.wrap(message.payload()));
        buffered.addAndGet(all.readableBytes());
        execute(() -> stream.writeAndFlush(all));
    }

    /** The bytes that the socket has not taken yet. */
    @Override
    public long buffered() {
        return buffered.get();
    }

    /** Called when the socket has taken a frame. */
    void left(long bytes, boolean finishes) {
        finished |= finishes;
        buffered.addAndGet(-bytes);
        channel.roomMade();
        closeIfBothHave();
    }

    /** Whether to hold back a window update. */
    boolean keeps(long bytes) {
        boolean keep = waiting.size() > 0;
        kept += keep ? bytes : 0;
        return keep;
    }

    private void reset() {
        var unused = stream.close();
    }

    private void finish() {
        var unused = stream.closeWrite();
    }

    private void release() {
        long bytes = kept;
        kept = 0;
        frames.widen(id, bytes);
    }

    @Override
    public void resumeReading() {
        execute(this::drain);
    }

    /** Closes our direction behind everything that was sent. */
    @Override
    public void closeInOrder() {
        execute(() -> {
            if (over || closing) {
                return;
            }
            closing = true;
            waiting.clear();
            if (peerFinished) { // and we answered it
                over = true;
                channel.closedByUs();
            } else {
                release();
                finish();
            }
        });
    }

    @Override
    public void closeTimedOut(SyncException failure) {
        execute(() -> {
            if (!over && finished) {
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
        execute(() -> {
            over = true;
            waiting.clear();
            buffered.set(0);
            reset();
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (!over && !closing) {
                byte[] bytes = new byte[in.readableBytes()];
                in.readBytes(bytes);
                int taken = waiting.size() > 0 ? 0 : decode(bytes, 0, bytes.length);
                if (taken < bytes.length && !over) {
                    waiting.add(bytes, taken, bytes.length - taken);
                }
                if (waiting.size() > BufferLimits.UNDECODED) {
                    fail(new SyncException(ErrorKind.MALFORMED, "it sent more than its yamux window"));
                }
            }
        } finally {
            in.release();
        }
    }

    private int decode(byte[] bytes, int offset, int count) {
        int taken = 0;
        try {
            while (taken < count && !over && channel.wantsMore()) {
                taken += decoder.receive(bytes, offset + taken, count - taken);
                Message message = decoder.take();
                if (message != null) {
                    channel.arrived(message);
                }
            }
        } catch (SyncException e) {
            fail(e);
        }
        return taken;
    }

    private void fail(SyncException e) {
        over = true;
        waiting.clear();
        reset();
        channel.failed(Libp2pFailures.at(remote, e));
    }

    private void drain() {
        while (!over && waiting.size() > 0 && channel.wantsMore()) {
            int taken = decode(waiting.first(), waiting.start(), waiting.count());
            if (!over) {
                waiting.drop(taken);
            }
        }
        if (waiting.size() == 0 && !peerFinished) {
            release();
        }
        endIfFinished();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event == RemoteWriteClosed.INSTANCE) {
            peerFinished();
        }
        super.userEventTriggered(ctx, event);
    }

    private void peerFinished() {
        peerFinished = true;
        if (over) {
            return;
        }
        if (!closing) {
            channel.outputBroken(gone());
            // With bytes in its buffer the library would forget the stream after this event, and tell the peer nothing.
            if (buffered.get() > 0) {
                reset();
            } else {
                finish();
            }
            endIfFinished();
        } else if (finished) {
            closeIfBothHave();
        } else {
            // Both close, and what we have yet to send is for nobody. Again the library would say nothing.
            over = true;
            channel.outputBroken(gone());
            reset();
            channel.closedByUs();
        }
    }

    private SyncException gone() {
        return new SyncException(ErrorKind.DISCONNECTED, remote + " has gone");
    }

    private void endIfFinished() {
        if (!over && !closing && peerFinished && waiting.size() == 0) {
            over = true;
            if (decoder.isUnderWay()) {
                channel.failed(new SyncException(
                        ErrorKind.DISCONNECTED, remote + " closed the stream in the middle of a message"));
            } else {
                channel.closedByPeer(null);
            }
        }
    }

    private void closeIfBothHave() {
        if (!over && closing && peerFinished && finished) {
            over = true;
            channel.closedByUs();
        }
    }

    /** Called when the library's stream is closed, by either side. */
    private void ended() {
        frames.remove(id);
        buffered.set(0);
        if (over || peerFinished && !closing) {
            return; // it had said goodbye before
        }
        over = true;
        waiting.clear();
        if (closing && finished) {
            channel.closedByUs();
        } else {
            channel.failed(
                    new SyncException(ErrorKind.DISCONNECTED, "the stream to " + remote + " was reset or broke"));
        }
    }

    @Override
    @SuppressWarnings("deprecation") // of the handler, not of the inbound handler
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!over) {
            over = true;
            reset();
            channel.failed(new SyncException(
                    ErrorKind.DISCONNECTED, "the stream to " + remote + " broke: " + Libp2pFailures.text(cause), cause));
        }
    }
}
