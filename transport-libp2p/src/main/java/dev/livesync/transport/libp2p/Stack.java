package dev.livesync.transport.libp2p;

import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.OpenResources;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * The objects that all connections of a transport share.
 *
 * @param staticKey our Noise key, which the identity has signed
 * @param sockets all of them, dialled, bound and accepted; those that come after its close are closed
 */
record Stack(
        Libp2pConfiguration configuration,
        Identity identity,
        StaticKey staticKey,
        SecureRandom random,
        OpenResources<BufferedChannel> resources,
        ChannelGroup sockets) {
    static final String LIVESYNC = "/livesync/1.0.0";
    static final String NOISE = "/noise";
    static final String YAMUX = "/yamux/1.0.0";

    /** Encrypted bytes that wait for the socket: a few frames, so that one call writes them and one wake-up refills them. */
    static final WriteBufferWaterMark ENCRYPTED = new WriteBufferWaterMark(128 * 1024, 256 * 1024);

    TransportContext context() {
        return resources.context();
    }

    /** Creates a channel over a stream whose protocol is agreed on. */
    MessageStream channel(Libp2pConnection connection, YamuxStream stream, String remote) {
        BufferedChannel channel = new BufferedChannel(
                context(),
                new BufferedChannel.Remote(
                        remote,
                        Optional.of(new PeerIdentity(
                                Multiaddr.SCHEME, connection.peer().toString())),
                        Optional.of(binding(identity.peerId(), connection.peer()))),
                new BufferedChannel.Sizes(
                        configuration.maxMessageBytes(context()),
                        configuration.sendBufferBytes(),
                        configuration.sendBufferBytes() / 2, // being woken for each message costs more
                        configuration.receiveBufferBytes()),
                resources::remove);
        MessageStream messages =
                new MessageStream(connection, stream, channel, configuration.maxMessageBytes(context()));
        channel.attach(messages);
        stream.widen(configuration.receiveWindowBytes());
        resources.add(channel);
        return messages;
    }

    /** The binding: both peer ids in the order of their bytes, so that both ends compute the same. */
    static byte[] binding(PeerId one, PeerId other) {
        byte[] a = one.bytes();
        byte[] b = other.bytes();
        boolean ordered = Arrays.compareUnsigned(a, b) <= 0;
        return ByteArrays.concat(ordered ? a : b, ordered ? b : a);
    }
}
