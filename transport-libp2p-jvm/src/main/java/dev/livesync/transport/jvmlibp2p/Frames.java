package dev.livesync.transport.jvmlibp2p;

import io.libp2p.core.Connection;
import io.libp2p.etc.util.netty.mux.MuxId;
import io.libp2p.mux.yamux.YamuxFlag;
import io.libp2p.mux.yamux.YamuxFrame;
import io.libp2p.mux.yamux.YamuxType;
import io.libp2p.transport.implementation.P2PChannelOverNetty;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.AttributeKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sees the yamux frames that the library sends on one connection. The library says neither when a stream's bytes have left
 * its buffer nor lets a stream's receiver hold the sender back: so this counts data frames, once the socket has taken them, and keeps a
 * stream's window updates while its channel takes nothing. One thread: the connection's loop.
 */
final class Frames extends ChannelOutboundHandlerAdapter {
    private static final AttributeKey<Frames> OURS = AttributeKey.valueOf("dev.livesync.frames");

    private final Map<MuxId, JvmStream> streams = new HashMap<>();
    private @Nullable ChannelHandlerContext context;

    /** Adds this handler to a connection. The library calls it once for each. */
    static void watch(Connection connection) {
        Frames frames = new Frames();
        connection.pushHandler(frames);
        ((P2PChannelOverNetty) connection).getNettyChannel().attr(OURS).set(frames);
    }

    static Frames of(Connection connection) {
        return ((P2PChannelOverNetty) connection).getNettyChannel().attr(OURS).get();
    }

    void add(MuxId id, JvmStream stream) {
        streams.put(id, stream);
    }

    void remove(MuxId id) {
        streams.remove(id);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        YamuxFrame frame = message instanceof YamuxFrame yamux ? yamux : null;
        JvmStream stream = frame == null ? null : streams.get(frame.getId());
        if (frame == null || stream == null) {
            super.write(ctx, message, promise);
            return;
        }
        if (frame.getType() == YamuxType.WINDOW_UPDATE
                && frame.getFlags().isEmpty()
                && stream.keeps(frame.getLength())) {
            promise.setSuccess();
            return;
        }
        long bytes = frame.getType() == YamuxType.DATA ? frame.getLength() : 0;
        boolean finishes = frame.getFlags().contains(YamuxFlag.FIN);
        var unused = promise.addListener(written -> {
            if (written.isSuccess()) {
                stream.left(bytes, finishes);
            }
        });
        super.write(ctx, message, promise);
    }

    /** Sends a window update that was held back. */
    void widen(MuxId id, long bytes) {
        ChannelHandlerContext ctx = context;
        if (ctx != null && bytes > 0) {
            var unused = ctx.writeAndFlush(new YamuxFrame(id, YamuxType.WINDOW_UPDATE, Set.of(), bytes, null));
        }
    }
}
