package dev.livesync.transport.jvmlibp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.libp2p.core.Connection;
import io.libp2p.core.NoSuchRemoteProtocolException;
import io.libp2p.core.PeerId;
import io.libp2p.core.Stream;
import io.libp2p.security.InvalidRemotePubKey;
import io.libp2p.transport.implementation.ConnectionBuilder;
import io.netty.channel.ChannelFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One attempt to open a channel, on a connection of its own. Tries the addresses of the name one after the other. If it ends without a
 * channel, nothing stays open.
 */
final class JvmDial {
    private final Multiaddr<PeerId> address;
    private final List<InetAddress> targets;
    private final PeerId peer;
    private final JvmLibp2pStack stack;
    private final Node node;
    private final CompletableFuture<Channel> attempt;
    /** Whether the outcome is decided; the caller's future may complete later. */
    private final AtomicBoolean decided = new AtomicBoolean();

    /** Creates an attempt. Blocks if a name has to be looked up. */
    JvmDial(Multiaddr<PeerId> address, PeerId peer, JvmLibp2pStack stack, Node node, CompletableFuture<Channel> attempt) {
        this.address = address;
        this.targets = address.resolve(ErrorKind.UNREACHABLE);
        this.peer = peer;
        this.stack = stack;
        this.node = node;
        this.attempt = attempt;
    }

    void begin() {
        connect(0);
    }

    private void connect(int index) {
        if (attempt.isDone()) {
            return;
        }
        ConnectionBuilder handshake = node.tcp().handshake(peer);
        ChannelFuture connecting = node.tcp()
                .connect(
                        new InetSocketAddress(targets.get(index), address.port()),
                        handshake,
                        stack.context().connectTimeout());
        stack.sockets().add(connecting.channel());
        // The library leaves some sockets open whose handshake has failed.
        var unused = attempt.whenComplete((channel, failure) -> {
            if (channel == null) {
                var unusedClosing = connecting.channel().close();
            }
        });
        var unusedToo = connecting.addListener(done -> {
            if (done.isSuccess()) {
                await(handshake);
            } else if (index + 1 < targets.size()) {
                connect(index + 1);
            } else {
                fail(new SyncException(
                        ErrorKind.UNREACHABLE,
                        "nobody answers at " + address + ": " + Libp2pFailures.text(done.cause()),
                        done.cause()));
            }
        });
    }

    private void await(ConnectionBuilder handshake) {
        var unused = handshake.getConnectionEstablished().whenComplete((connection, failure) -> {
            if (failure != null) {
                fail(failure);
            } else {
                open(connection);
            }
        });
    }

    private void open(Connection connection) {
        var unusedEnd = connection
                .closeFuture()
                .thenRun(() -> fail(new SyncException(ErrorKind.DISCONNECTED, address + " closed the connection")));
        var opened = connection.muxerSession().createStream(node.protocol());
        var unused = opened.getController().whenComplete((channel, failure) -> {
            if (failure != null) {
                fail(failure);
            } else if (decided.compareAndSet(false, true)) {
                // Not on this thread: what depends on the dial is somebody else's code.
                Handover.to(stack.context().executor(), () -> {
                    if (!attempt.complete(channel)) {
                        channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + address));
                    }
                });
            }
        });
        var unusedToo = opened.getStream().thenAccept(stream -> endWith(stream, connection));
    }

    private static void endWith(Stream stream, Connection connection) {
        var unused = stream.closeFuture().thenCompose(ended -> connection.close());
    }

    private void fail(Throwable thrown) {
        if (decided.compareAndSet(false, true)) {
            Throwable failure =
                    thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
            Handover.to(stack.context().executor(), () -> attempt.completeExceptionally(told(failure)));
        }
    }

    private SyncException told(Throwable failure) {
        if (failure instanceof SyncException ours) {
            return ours;
        }
        if (failure instanceof InvalidRemotePubKey) {
            return new SyncException(
                    ErrorKind.AUTHENTICATION,
                    address + ": the peer there is another, or can't prove who it is",
                    failure);
        }
        return new SyncException(
                failure instanceof NoSuchRemoteProtocolException ? ErrorKind.UNREACHABLE : ErrorKind.REFUSED,
                address + ": " + Libp2pFailures.text(failure),
                failure);
    }
}
