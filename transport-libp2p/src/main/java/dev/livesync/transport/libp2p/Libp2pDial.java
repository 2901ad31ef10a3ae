package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One attempt to open a channel: connects to the addresses of the name one after the other, opens a stream and agrees on our protocol. If
 * it ends without a channel, by failure, timeout or cancelling, nothing stays open.
 */
final class Libp2pDial implements Libp2pConnection.Owner {
    private final Multiaddr<PeerId> address;
    private final List<InetAddress> targets;
    private final Stack stack;
    private final EventLoopGroup loops;
    private final CompletableFuture<Channel> attempt;

    Libp2pDial(
            Multiaddr<PeerId> address,
            List<InetAddress> targets,
            Stack stack,
            EventLoopGroup loops,
            CompletableFuture<Channel> attempt) {
        this.address = address;
        this.targets = targets;
        this.stack = stack;
        this.loops = loops;
        this.attempt = attempt;
    }

    void begin() {
        connect(0);
    }

    private void connect(int index) {
        if (attempt.isDone()) {
            return;
        }
        Libp2pConnection connection = new Libp2pConnection(stack, true, address.peer(), this);
        var connecting = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, Stack.ENCRYPTED)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(
                        Integer.MAX_VALUE, stack.context().connectTimeout().toMillis()))
                .handler(connection)
                .connect(new InetSocketAddress(targets.get(index), address.port()));
        stack.sockets().add(connecting.channel());
        var unused = attempt.whenComplete((channel, failure) -> {
            if (channel == null) {
                var unusedClosing = connecting.channel().close();
            }
        });
        var unusedToo = connecting.addListener(done -> {
            if (done.isSuccess()) {
                return;
            }
            if (index + 1 < targets.size()) {
                connect(index + 1);
            } else {
                fail(new SyncException(
                        ErrorKind.UNREACHABLE,
                        "nobody answers at " + address + ": " + Libp2pFailures.text(done.cause()),
                        done.cause()));
            }
        });
    }

    @Override
    public List<String> protocols() {
        return List.of(Identify.PROTOCOL, PingResponder.PROTOCOL);
    }

    @Override
    public void opened(Libp2pConnection connection) {
        YamuxStream stream = connection.open();
        stream.reader(StreamNegotiation.propose(
                connection,
                stream,
                Stack.LIVESYNC,
                protocol -> agreed(connection, stream),
                failure -> fail(Libp2pFailures.at(address.toString(), failure))));
    }

    private MessageStream agreed(Libp2pConnection connection, YamuxStream stream) {
        String remote = address.withPeer(connection.peer()).toString();
        MessageStream messages = stack.channel(connection, stream, remote);
        BufferedChannel channel = messages.channel();
        // Not on this thread: what depends on the dial is somebody else's code.
        Handover.to(stack.context().executor(), () -> {
            if (!attempt.complete(channel)) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + address));
            }
        });
        return messages;
    }

    @Override
    public YamuxStream.Reader stream(Libp2pConnection connection, YamuxStream stream) {
        throw new AssertionError("not among the protocols");
    }

    @Override
    public void ended(Libp2pConnection connection, SyncException reason) {
        fail(reason);
    }

    private void fail(SyncException failure) {
        Handover.to(stack.context().executor(), () -> attempt.completeExceptionally(failure));
    }
}
