package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection, from its first byte to its last: agrees on Noise, authenticates, agrees on yamux, then moves bytes
 * between the socket and a {@link Yamux} session. Apart from {@link #execute}, {@link #later} and the accessors all is on the
 * connection's event loop.
 *
 * <p>The socket is always read, since yamux keeps streams apart and pushes back for each: only a peer that does not fetch
 * its answers isn't read. Bytes are encrypted when the socket has room for them and not before.
 */
final class Libp2pConnection extends ChannelInboundHandlerAdapter implements Yamux.Owner {
    /** The owner of a connection, which is notified on the loop. */
    interface Owner {
        /** The protocols that streams of the peer may carry. */
        List<String> protocols();

        /** Called when the peer is authenticated and streams can be opened. */
        void opened(Libp2pConnection connection);

        /** Called when the peer has opened a stream for LiveSync. */
        YamuxStream.Reader stream(Libp2pConnection connection, YamuxStream stream);

        /** Called when the first message has come since the connection opened, or since it was last idle. */
        default void heard(Libp2pConnection connection) {}

        /** Called when no stream is left that had brought a message. */
        default void idle(Libp2pConnection connection) {}

        /** Called once, when the connection has ended. */
        void ended(Libp2pConnection connection, SyncException reason);
    }

    private enum Stage {
        NEW,
        SELECT_NOISE,
        HANDSHAKE,
        SELECT_MUXER,
        OPEN,
        FINISHING,
        OVER
    }

    private static final System.Logger LOG = System.getLogger(Libp2pConnection.class.getName());

    /** The longest life of a stream that carries another protocol than LiveSync. */
    private static final Duration SIDE_STREAM_LIFE = Duration.ofSeconds(60);
    /** After this many silent intervals the peer counts as dead. */
    private static final int SILENT_INTERVALS = 3;

    private final Stack stack;
    private final boolean dialler;
    private final @Nullable PeerId expected;
    private final Owner owner;
    private final FrameReader frames = new FrameReader(SecureHandshake.MAX_MESSAGE);

    private @Nullable ChannelHandlerContext socket;
    private volatile String remote = "?";
    private Stage stage = Stage.NEW;
    private @Nullable Multistream multistream;
    private @Nullable SecureHandshake handshake;
    private @Nullable CipherState sending;
    private @Nullable CipherState receiving;
    private @Nullable PeerId peer;
    private final Yamux yamux;

    private boolean flushRequested;
    private boolean outputShut;
    private TransportContext.@Nullable Cancellable stall;
    private TransportContext.@Nullable Cancellable expiry;
    private int expiries;
    private TransportContext.@Nullable Cancellable keepAlive;
    private final Set<TransportContext.Cancellable> sideStreams = new HashSet<>();
    private boolean heard;
    private boolean begun;
    /** The streams that have brought a message. */
    private final Set<YamuxStream> useful = new HashSet<>();

    private int silent;

    /** @param expected who must be there; null for anybody */
    Libp2pConnection(Stack stack, boolean dialler, @Nullable PeerId expected, Owner owner) {
        this.stack = stack;
        this.dialler = dialler;
        this.expected = expected;
        this.owner = owner;
        this.yamux = new Yamux(dialler, stack.configuration().maxStreams(), this);
    }

    // For any thread

    String remote() {
        return remote;
    }

    TransportContext context() {
        return stack.context();
    }

    /** Runs a task on the loop; drops it if that has ended. */
    void execute(Runnable task) {
        try {
            socket().executor().execute(task);
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.TRACE, "the loop has ended", e);
        }
    }

    /** Runs a task on the loop later. */
    TransportContext.Cancellable later(Duration delay, Runnable task) {
        return context().scheduler().schedule(delay, () -> execute(task));
    }

    // The loop's

    PeerId peer() {
        return Objects.requireNonNull(peer, "only once it is open");
    }

    /** Opens a stream, for which a reader has to be set at once. */
    YamuxStream open() {
        return yamux.open();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        socket = ctx;
        if (ctx.channel().isActive()) {
            begin();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        begin();
    }

    private void begin() {
        if (stage != Stage.NEW) {
            return;
        }
        remote = Multiaddr.of((InetSocketAddress) socket().channel().remoteAddress(), null)
                .toString();
        stage = Stage.SELECT_NOISE;
        multistream = dialler
                ? Multistream.propose(Stack.NOISE, this::writePlain)
                : Multistream.answer(List.of(Stack.NOISE), this::writePlain);
        socket().flush();
        Duration first = stack.configuration().firstByteTimeout();
        boolean waits = !dialler && first.compareTo(context().connectTimeout()) < 0;
        expireHandshakes(waits ? first : context().connectTimeout());
    }

    private void expireHandshakes(Duration time) {
        expire(
                time,
                () -> fail(new SyncException(ErrorKind.TIMEOUT, remote + " did not complete the handshakes in time")));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        heard = true;
        if (!begun) {
            begun = true;
            if (!dialler && stage == Stage.SELECT_NOISE) {
                expireHandshakes(context().connectTimeout());
            }
        }
        try {
            while (in.isReadable() && stage != Stage.OVER && stage != Stage.FINISHING) {
                if (stage == Stage.SELECT_NOISE) {
                    selectNoise(in);
                } else if (frames.read(in)) {
                    frame();
                }
            }
        } catch (SyncException e) {
            fail(Libp2pFailures.at(remote, e));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a connection failed on a fault of ours", e);
            fail(new SyncException(ErrorKind.INTERNAL, "the connection to " + remote + " failed: " + e, e));
        } finally {
            in.release();
        }
    }

    private void selectNoise(ByteBuf in) {
        byte[] bytes = new byte[Math.min(in.readableBytes(), Multistream.MAX_LINE)];
        in.getBytes(in.readerIndex(), bytes);
        Multistream selecting = Objects.requireNonNull(multistream);
        in.skipBytes(selecting.receive(bytes, 0, bytes.length));
        if (selecting.selected() != null) {
            stage = Stage.HANDSHAKE;
            handshake = new SecureHandshake(
                    dialler,
                    stack.staticKey(),
                    stack.random(),
                    expected,
                    stack.configuration().allowed(),
                    this::writeFrame);
            handshake.begin();
        }
        socket().flush();
    }

    private void frame() {
        if (stage == Stage.HANDSHAKE) {
            SecureHandshake shaking = Objects.requireNonNull(handshake);
            shaking.receive(frames.takeCopy());
            if (shaking.isDone()) {
                secured(shaking);
            }
            socket().flush();
            return;
        }
        byte[] plain = FrameBuffers.get().plainIn;
        int length = Objects.requireNonNull(receiving).decrypt(frames.frame(), frames.take(), plain);
        int at = stage == Stage.SELECT_MUXER ? selectMuxer(plain, length) : 0;
        if (at < length && stage == Stage.OPEN) {
            yamux.receive(plain, at, length - at);
        }
        requestFlush();
    }

    private void secured(SecureHandshake shaking) {
        CipherState[] ciphers = shaking.ciphers();
        sending = ciphers[0];
        receiving = ciphers[1];
        peer = shaking.peer();
        remote = Multiaddr.of((InetSocketAddress) socket().channel().remoteAddress(), peer)
                .toString();
        handshake = null;
        frames.limit(FrameReader.MAX_FRAME);
        stage = Stage.SELECT_MUXER;
        multistream = dialler
                ? Multistream.propose(Stack.YAMUX, this::writeSecret)
                : Multistream.answer(List.of(Stack.YAMUX), this::writeSecret);
    }

    private int selectMuxer(byte[] plain, int length) {
        Multistream selecting = Objects.requireNonNull(multistream);
        int taken = selecting.receive(plain, 0, length);
        if (selecting.selected() != null) {
            multistream = null;
            stage = Stage.OPEN;
            cancelExpiry();
            keepAlive();
            awaitFirstStream();
            owner.opened(this);
        } else {
            socket().flush();
        }
        return taken;
    }

    private void writePlain(byte[] bytes) {
        var unused = socket().write(Unpooled.wrappedBuffer(bytes));
    }

    private void writeFrame(byte[] message) {
        ByteBuf out = socket().alloc().buffer(2 + message.length);
        var unused = socket().write(out.writeShort(message.length).writeBytes(message));
    }

    private void writeSecret(byte[] bytes) {
        System.arraycopy(bytes, 0, FrameBuffers.get().plainOut, 0, bytes.length);
        encrypt(bytes.length);
        socket().flush();
    }

    /** Encrypts one frame from the buffer. */
    private void encrypt(int length) {
        FrameBuffers scratch = FrameBuffers.get();
        int encrypted = Objects.requireNonNull(sending).encrypt(scratch.plainOut, length, scratch.cipherOut, 0);
        ByteBuf out = socket().alloc().directBuffer(2 + encrypted);
        var unused = socket().write(out.writeShort(encrypted).writeBytes(scratch.cipherOut, 0, encrypted));
    }

    /** Flushes at the end of this turn of the loop, so that everything written until then is sent together. */
    void requestFlush() {
        if (!flushRequested) {
            flushRequested = true;
            execute(this::flush);
        }
    }

    private void flush() {
        flushRequested = false;
        if (stage != Stage.OPEN && stage != Stage.FINISHING) {
            return;
        }
        byte[] plain = FrameBuffers.get().plainOut;
        while (yamux.hasOutput() && socket().channel().isWritable()) {
            encrypt(yamux.fill(plain, 0, plain.length));
        }
        socket().flush();
        watchOutput();
        if (stage == Stage.FINISHING && !yamux.hasOutput()) {
            shutOutput();
        }
        boolean reads = !yamux.isCongested();
        if (socket().channel().config().isAutoRead() != reads) {
            socket().channel().config().setAutoRead(reads);
        }
    }

    /** Ends the connection if the peer takes nothing for long. A yamux peer always reads, so that peer is gone or means harm. */
    private void watchOutput() {
        if (socket().channel().isWritable()) {
            if (stall != null) {
                stall.cancel();
                stall = null;
            }
        } else if (stall == null) {
            Duration limit = stack.configuration().stallTimeout();
            stall = later(
                    limit,
                    () -> fail(new SyncException(
                            ErrorKind.DISCONNECTED,
                            remote + " has not taken what was sent to it for " + limit.toSeconds() + " seconds")));
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        requestFlush();
    }

    @Override
    public YamuxStream.Reader opened(YamuxStream stream) {
        cancelExpiry();
        return StreamNegotiation.answer(this, stream, owner.protocols(), protocol -> serve(protocol, stream));
    }

    private YamuxStream.Reader serve(String protocol, YamuxStream stream) {
        if (protocol.equals(Stack.LIVESYNC)) {
            return owner.stream(this, stream);
        }
        new SideStream(stream).begin();
        io.netty.channel.Channel channel = socket().channel();
        return protocol.equals(PingResponder.PROTOCOL)
                ? new PingResponder(this, stream)
                : Identify.answer(
                        stream,
                        stack.identity(),
                        owner.protocols(),
                        (InetSocketAddress) channel.localAddress(),
                        (InetSocketAddress) channel.remoteAddress());
    }

    /** Ends a stream of another protocol after some time. */
    private final class SideStream {
        private final YamuxStream stream;
        private TransportContext.@Nullable Cancellable timer;

        SideStream(YamuxStream stream) {
            this.stream = stream;
        }

        void begin() {
            TransportContext.Cancellable started = later(SIDE_STREAM_LIFE, this::end);
            timer = started;
            sideStreams.add(started);
        }

        private void end() {
            TransportContext.Cancellable started = timer;
            if (started != null && sideStreams.remove(started)) {
                stream.reset();
                requestFlush();
            }
        }
    }

    /** A message has come on one of its streams. */
    void brought(YamuxStream stream) {
        if (!stream.isOver() && useful.add(stream) && useful.size() == 1) {
            owner.heard(this);
        }
    }

    @Override
    public void goneAway(long code) {
        if (code != Yamux.NORMAL) {
            throw new SyncException(ErrorKind.DISCONNECTED, "it gave the connection up with yamux's code " + code);
        }
    }

    @Override
    public void forgotten(YamuxStream stream) {
        boolean wasLastUseful = useful.remove(stream) && useful.isEmpty();
        if (stage != Stage.OPEN) {
            return;
        }
        if (yamux.openStreams() == 0) {
            if (dialler) {
                execute(this::finishIfUnused); // not now: the stream may be in the middle of something
            } else {
                idle();
            }
        }
        if (wasLastUseful) {
            owner.idle(this);
        }
    }

    private void finishIfUnused() {
        if (yamux.openStreams() == 0) {
            finish();
        }
    }

    /** For who has called this is still a part of connecting: a caller that opens nothing holds a place as one that says nothing. */
    private void awaitFirstStream() {
        Duration idle = stack.configuration().idleTimeout();
        Duration connect = context().connectTimeout();
        if (!dialler) {
            expire(idle.compareTo(connect) < 0 ? idle : connect, this::finishIfUnused);
        }
    }

    private void idle() {
        if (!dialler) {
            expire(stack.configuration().idleTimeout(), this::finishIfUnused);
        }
    }

    private void keepAlive() {
        Duration interval = stack.configuration().pingInterval();
        if (interval.isZero() || stage != Stage.OPEN) {
            return;
        }
        silent = heard ? 0 : silent + 1;
        heard = false;
        if (silent > SILENT_INTERVALS) {
            fail(new SyncException(ErrorKind.DISCONNECTED, remote + " does not answer any more"));
            return;
        }
        yamux.ping(0);
        requestFlush();
        keepAlive = later(interval, this::keepAlive);
    }

    /** Sends what waits and a goodbye, and closes once the peer has too, or after a while. */
    void finish() {
        if (stage == Stage.OPEN) {
            stage = Stage.FINISHING;
            yamux.goAway(Yamux.NORMAL);
            expire(context().closeTimeout(), () -> end(Libp2pFailures.disconnected(remote, null)));
            requestFlush();
        } else if (stage != Stage.FINISHING) {
            end(Libp2pFailures.disconnected(remote, null));
        }
    }

    private void shutOutput() {
        if (!outputShut) {
            outputShut = true;
            var unused = socket().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
                var shutting = ((DuplexChannel) socket().channel()).shutdownOutput();
                shutting.isDone(); // how it ends shows in the channel's own end
            });
        }
    }

    /** Ends the connection with a failure. */
    private void fail(SyncException reason) {
        if (stage == Stage.OPEN) {
            yamux.goAway(reason.kind() == ErrorKind.INTERNAL ? Yamux.INTERNAL_ERROR : Yamux.PROTOCOL_ERROR);
            flush();
        }
        end(reason);
    }

    /** Ends at once. */
    void end(SyncException reason) {
        if (stage == Stage.OVER) {
            return;
        }
        if (stage != Stage.FINISHING) {
            LOG.log(System.Logger.Level.DEBUG, () -> "connection ends: " + Libp2pFailures.text(reason));
        }
        stage = Stage.OVER;
        cancelExpiry();
        for (TransportContext.Cancellable timer : new TransportContext.@Nullable Cancellable[] {stall, keepAlive}) {
            if (timer != null) {
                timer.cancel();
            }
        }
        sideStreams.forEach(TransportContext.Cancellable::cancel);
        sideStreams.clear();
        yamux.end(reason);
        var unused = socket().close();
        owner.ended(this, reason);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(broken(null));
    }

    @Override
    @SuppressWarnings("deprecation") // of the handler, not of the inbound handler
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        end(broken(cause));
    }

    private SyncException broken(@Nullable Throwable cause) {
        if (stage == Stage.SELECT_NOISE || stage == Stage.HANDSHAKE || stage == Stage.SELECT_MUXER) {
            return new SyncException(
                    ErrorKind.REFUSED,
                    remote + " closed the connection "
                            + (stage == Stage.SELECT_NOISE
                                    ? "before its first handshake"
                                    : "during the handshake, as one does that takes us for somebody else or does not allow us"),
                    cause);
        }
        return Libp2pFailures.disconnected(remote, cause);
    }

    private void expire(Duration after, Runnable then) {
        cancelExpiry();
        int mine = expiries;
        expiry = later(
                after,
                () -> afterSockets(() -> {
                    if (mine == expiries) {
                        then.run();
                    }
                }));
    }

    /** Runs a task once the loop has looked at its sockets: a loop that is late finds a deadline passed together with bytes that came in time. */
    private void afterSockets(Runnable task) {
        try {
            // A round collects the timers that are due after it has looked at the sockets: this one is the next
            // round's.
            var unused = socket().executor().schedule(task, 1, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.TRACE, "the loop has ended", e);
        }
    }

    /** Also one that has fired already and whose task waits. */
    private void cancelExpiry() {
        expiries++;
        if (expiry != null) {
            expiry.cancel();
            expiry = null;
        }
    }

    private ChannelHandlerContext socket() {
        return Objects.requireNonNull(socket, "added to its pipeline before use");
    }
}
