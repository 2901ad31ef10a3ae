package dev.livesync.transport.jvmlibp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import io.libp2p.core.Connection;
import io.libp2p.core.NoSuchRemoteProtocolException;
import io.libp2p.core.Stream;
import io.libp2p.core.multiformats.Multiaddr;
import io.libp2p.security.InvalidRemotePubKey;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** One attempt to open a channel, on a connection of its own. However it ends without a channel, nothing stays open. */
final class Dial {
    private final Address address;
    private final Stack stack;
    private final Node node;
    private final CompletableFuture<Channel> attempt;

    Dial(Address address, Stack stack, Node node, CompletableFuture<Channel> attempt) {
        this.address = address;
        this.stack = stack;
        this.node = node;
        this.attempt = attempt;
    }

    /** Blocks where a name has to be looked up. */
    void begin() {
        address.resolve(ErrorKind.UNREACHABLE);
        CompletableFuture<Connection> connecting = node.transport()
                .dial(Multiaddr.fromString(address.bare()), connection -> {}, raw -> node.seen((Connection) raw));
        var unused = attempt.whenComplete((channel, failure) -> {
            if (channel == null) {
                connecting.cancel(false);
                var unusedClosing = connecting.thenAccept(Dial::hangUp);
            }
        });
        var unusedToo = connecting.whenComplete((connection, failure) -> {
            if (failure != null) {
                fail(failure);
            } else {
                open(connection);
            }
        });
    }

    private void open(Connection connection) {
        var peer = connection.secureSession().getRemoteId();
        if (!stack.allows(peer) || address.peer() != null && !address.peer().equals(peer)) {
            hangUp(connection);
            fail(new SyncException(
                    ErrorKind.AUTHENTICATION,
                    address + ": the peer there is " + peer + ", whom the address does not name or "
                            + "allowedPeers does not allow"));
            return;
        }
        var unusedEnd = connection
                .closeFuture()
                .thenRun(() -> fail(new SyncException(ErrorKind.DISCONNECTED, address + " closed the connection")));
        var opened = connection.muxerSession().createStream(node.protocol());
        var unused = opened.getController().whenComplete((channel, failure) -> {
            if (failure != null) {
                hangUp(connection);
                fail(failure);
            } else {
                // Not on this thread: what depends on the dial is somebody else's code.
                stack.context().executor().execute(() -> {
                    if (!attempt.complete(channel)) {
                        channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + address));
                    }
                });
            }
        });
        var unusedToo = opened.getStream().thenAccept(stream -> endWith(stream, connection));
    }

    private static void endWith(Stream stream, Connection connection) {
        var unused = stream.closeFuture().thenRun(() -> hangUp(connection));
    }

    private static void hangUp(Connection connection) {
        var unused = connection.close();
    }

    private void fail(Throwable thrown) {
        Throwable failure =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        SyncException told = failure instanceof SyncException ours
                ? ours
                : new SyncException(kind(failure), address + ": " + Failures.text(failure), failure);
        stack.context().executor().execute(() -> attempt.completeExceptionally(told));
    }

    private static ErrorKind kind(Throwable failure) {
        if (failure instanceof ConnectException
                || failure instanceof SocketException
                        && String.valueOf(failure.getMessage()).contains("unreachable")
                || failure instanceof UnresolvedAddressException
                || failure instanceof NoSuchRemoteProtocolException) {
            return ErrorKind.UNREACHABLE;
        }
        return failure instanceof InvalidRemotePubKey ? ErrorKind.AUTHENTICATION : ErrorKind.REFUSED;
    }
}
