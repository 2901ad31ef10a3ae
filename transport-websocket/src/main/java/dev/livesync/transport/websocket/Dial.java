package dev.livesync.transport.websocket;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.OpenResources;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.java_websocket.enums.HandshakeState;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.handshake.ClientHandshakeBuilder;
import org.java_websocket.handshake.HandshakeImpl1Client;
import org.java_websocket.handshake.Handshakedata;
import org.java_websocket.handshake.ServerHandshake;
import org.jspecify.annotations.Nullable;

/** One attempt to reach a listener: each of its addresses in turn, TLS, the opening handshake. On the loop's thread. */
final class Dial implements Loop.Handler, Connection.Reader {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})(?: .*)?");

    private final Address address;
    private final InetAddress[] targets;
    private final WebSocketConfiguration configuration;
    private final OpenResources<BufferedChannel> resources;
    private final Loop loop;
    private final @Nullable SSLContext tls;
    private final CompletableFuture<Channel> attempt;
    private final HttpHead head = new HttpHead();
    private final FrameCodec codec;

    private int tried;
    private @Nullable SocketChannel socket;
    private @Nullable Connection connection;
    private @Nullable ClientHandshakeBuilder request;

    Dial(
            Address address,
            InetAddress[] targets,
            WebSocketConfiguration configuration,
            OpenResources<BufferedChannel> resources,
            Loop loop,
            @Nullable SSLContext tls,
            CompletableFuture<Channel> attempt) {
        this.address = address;
        this.targets = targets;
        this.configuration = configuration;
        this.resources = resources;
        this.loop = loop;
        this.tls = tls;
        this.attempt = attempt;
        this.codec = new FrameCodec(Role.CLIENT, configuration.maxMessageBytes(resources.context()));
    }

    /** Any thread. */
    void begin() {
        // However it ends without a channel, by failure, timeout or cancelling: nothing stays open.
        var unused = attempt.whenComplete((channel, failure) -> {
            if (channel == null) {
                loop.execute(this::giveUp);
            }
        });
        loop.execute(this::connect);
    }

    private void connect() {
        if (attempt.isDone()) {
            return;
        }
        InetAddress target = targets[tried++];
        SocketChannel opened = null;
        try {
            opened = SocketChannel.open();
            socket = opened;
            Connection.configure(opened, configuration.pingInterval());
            SelectionKey key = loop.register(opened, this);
            if (opened.connect(new InetSocketAddress(target, address.port()))) {
                connected(key);
            } else {
                key.interestOps(SelectionKey.OP_CONNECT);
            }
        } catch (IOException e) {
            next(e);
        }
    }

    /** Tries the next address; the failure of the last one is the one that is told. */
    private void next(IOException failure) {
        giveUp();
        if (tried < targets.length) {
            connect();
        } else {
            attempt.completeExceptionally(new SyncException(
                    ErrorKind.UNREACHABLE, "nobody answers at " + address + ": " + Failures.text(failure), failure));
        }
    }

    private void giveUp() {
        if (connection != null) {
            connection.close();
        } else if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                System.getLogger(Dial.class.getName()).log(System.Logger.Level.TRACE, "closing a socket failed", e);
            }
        }
    }

    @Override
    public void ready(SelectionKey key) {
        try {
            if (Objects.requireNonNull(socket).finishConnect()) {
                key.interestOps(0);
                connected(key);
            }
        } catch (IOException e) {
            next(e);
        }
    }

    private void connected(SelectionKey key) throws IOException {
        TransportContext context = resources.context();
        SocketChannel own = Objects.requireNonNull(socket);
        Connection made = new Connection(
                loop, context.scheduler(), own, key, resume -> wire(own, context, resume), this, () -> {});
        connection = made;
        try {
            HandshakeImpl1Client draft = new HandshakeImpl1Client();
            draft.setResourceDescriptor(address.path());
            draft.put("Host", address.authority());
            request = codec.postProcessHandshakeRequestAsClient(draft);
            codec.createHandshake(request).forEach(made::enqueue);
        } catch (RuntimeException e) {
            fail(new SyncException(ErrorKind.INTERNAL, "no request for " + address + " could be made", e));
            return;
        }
        made.start();
    }

    private Wire wire(SocketChannel own, TransportContext context, Runnable resume) {
        if (tls == null) {
            return new PlainWire(own, loop.output());
        }
        SSLEngine engine = tls.createSSLEngine(address.host(), address.port());
        engine.setUseClientMode(true);
        if (!configuration.pinsCertificates()) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
        }
        return new TlsWire(own, engine, context.executor(), loop.plainText(), resume);
    }

    @Override
    public void onBytes(ByteBuffer bytes) {
        boolean complete = head.take(bytes);
        if (head.firstByte() != 'H') {
            // The first byte of a TLS alert.
            fail(notWebSocket(
                    head.firstByte() == 0x15 ? "it speaks TLS, so use wss" : "it answered something else than HTTP"));
        } else if (complete) {
            answered();
        } else if (head.isTooLong()) {
            fail(notWebSocket("its answer does not end"));
        }
    }

    private void answered() {
        Matcher status = STATUS.matcher(head.firstLine());
        if (!status.matches()) {
            fail(notWebSocket("it answered something else than HTTP"));
            return;
        }
        int code = Integer.parseInt(status.group(1));
        if (code != 101) {
            fail(new SyncException(
                    ErrorKind.REFUSED,
                    address + " refused: " + head.firstLine()
                            + (code / 100 == 3 ? " (redirects are not followed)" : "")));
            return;
        }
        try {
            Handshakedata parsed = codec.translateHandshake(head.bytes());
            if (!(parsed instanceof ServerHandshake response)
                    || codec.acceptHandshakeAsClient(Objects.requireNonNull(request), response)
                            != HandshakeState.MATCHED) {
                fail(notWebSocket("its answer does not fit the question"));
                return;
            }
        } catch (InvalidHandshakeException | RuntimeException e) {
            fail(notWebSocket(Failures.text(e)));
            return;
        }
        open();
    }

    private void open() {
        Connection own = Objects.requireNonNull(connection);
        BufferedChannel channel = FrameSession.channel(own, codec, resources, configuration, address.toString(), null);
        // Not on this thread: what depends on the dial is somebody else's code.
        Handover.to(resources.context().executor(), () -> {
            if (!attempt.complete(channel)) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + address));
            }
        });
    }

    private SyncException notWebSocket(String why) {
        return new SyncException(ErrorKind.UNREACHABLE, "nobody speaks WebSocket at " + address + ": " + why);
    }

    private void fail(SyncException failure) {
        giveUp();
        Handover.to(resources.context().executor(), () -> attempt.completeExceptionally(failure));
    }

    @Override
    public void onEnd(@Nullable IOException failure) {
        fail(Failures.handshake(address.toString(), failure));
    }

    @Override
    public boolean wantsBytes() {
        return true;
    }

    @Override
    public void onShutDown() {
        attempt.completeExceptionally(Failures.closed());
    }

    @Override
    public void shutDown() {
        giveUp();
        attempt.completeExceptionally(Failures.closed());
    }
}
