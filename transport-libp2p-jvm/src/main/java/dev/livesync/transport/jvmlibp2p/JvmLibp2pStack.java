package dev.livesync.transport.jvmlibp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.OpenResources;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.libp2p.core.PeerId;
import io.libp2p.core.Stream;
import io.libp2p.core.crypto.PrivKey;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * The objects that all connections of a transport share.
 *
 * @param allowed who may be there; empty for anybody
 * @param loops that serve all of them
 * @param sockets all of them, dialled, bound and accepted; those that come after its close are closed
 */
record JvmLibp2pStack(
        PrivKey key,
        PeerId us,
        Set<PeerId> allowed,
        OpenResources<BufferedChannel> resources,
        EventLoopGroup loops,
        ChannelGroup sockets) {
    TransportContext context() {
        return resources.context();
    }

    /** Reads a peer id; fails as CONFIGURATION. */
    static PeerId peer(String text) {
        try {
            return PeerId.fromBase58(text);
        } catch (RuntimeException e) {
            throw new SyncException(ErrorKind.CONFIGURATION, "'" + Libp2pFailures.shown(text) + "' is no peer id", e);
        }
    }

    boolean allows(PeerId peer) {
        return allowed.isEmpty() || allowed.contains(peer);
    }

    /** Creates a channel over a stream whose protocol is agreed on. On the connection's loop. */
    JvmStream channel(Stream stream, String remote) {
        PeerId peer = stream.remotePeerId();
        BufferedChannel channel = new BufferedChannel(
                context(),
                new BufferedChannel.Remote(
                        remote,
                        Optional.of(new PeerIdentity(Multiaddr.SCHEME, peer.toBase58())),
                        Optional.of(binding(us, peer))),
                new BufferedChannel.Sizes(
                        Math.min(BufferLimits.MESSAGE, context().maxMessageBytes()),
                        BufferLimits.SEND_BUFFER,
                        BufferLimits.SEND_BUFFER / 2, // being woken for each message costs more
                        BufferLimits.RECEIVE_BUFFER),
                resources::remove);
        JvmStream messages = new JvmStream(stream, channel, remote);
        channel.attach(messages);
        resources.add(channel);
        return messages;
    }

    /** The binding: both peer ids in the order of their bytes, so that both ends compute the same. */
    static byte[] binding(PeerId one, PeerId other) {
        byte[] a = one.getBytes();
        byte[] b = other.getBytes();
        boolean ordered = Arrays.compareUnsigned(a, b) <= 0;
        byte[] first = ordered ? a : b;
        byte[] second = ordered ? b : a;
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
