package dev.livesync.transport.jvmlibp2p;

import io.libp2p.core.ConnectionHandler;
import io.libp2p.core.PeerId;
import io.libp2p.transport.ConnectionUpgrader;
import io.libp2p.transport.implementation.ConnectionBuilder;
import io.libp2p.transport.tcp.TcpTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * The library's TCP, on event loops that a whole {@link JvmTransport} shares. The library's own {@code dial} and {@code listen}
 * make loops for each host, which nobody else can end and which take two seconds for it, and tell the listeners of a host apart by the
 * address that was asked for, though two may ask for any free port.
 */
final class Tcp extends TcpTransport {
    private final ConnectionUpgrader upgrader;
    private final EventLoopGroup loops;

    Tcp(ConnectionUpgrader upgrader, EventLoopGroup loops) {
        super(upgrader);
        this.upgrader = upgrader;
        this.loops = loops;
    }

    /** What makes a connection of a socket that we connect, to no other peer than this. */
    ConnectionBuilder handshake(PeerId peer) {
        return new ConnectionBuilder(this, upgrader, connection -> {}, true, peer, null);
    }

    ChannelFuture connect(InetSocketAddress to, ConnectionBuilder handshake, Duration timeout) {
        return new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(Integer.MAX_VALUE, timeout.toMillis()))
                .handler(handshake)
                .connect(to);
    }

    /**
     * Binds.
     *
     * @param admits who may shake hands; the others are closed
     * @param connected called after that
     */
    ChannelFuture bind(InetSocketAddress at, Predicate<Channel> admits, ConnectionHandler connected) {
        return new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel socket) {
                        if (admits.test(socket)) {
                            socket.pipeline()
                                    .addLast(new ConnectionBuilder(Tcp.this, upgrader, connected, false, null, null));
                        } else {
                            var unused = socket.close();
                        }
                    }
                })
                .bind(at);
    }
}
