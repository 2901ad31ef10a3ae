package dev.livesync.transport.libp2p;

import dev.livesync.api.SyncException;
import dev.livesync.transport.support.libp2p.Varint;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers {@code /ipfs/id/1.0.0}: sends our identity, and the address that the peer seems to have. On the event loop. */
final class Identify implements YamuxStream.Reader {
    static final String PROTOCOL = "/ipfs/id/1.0.0";

    private static final int IP4 = 4;
    private static final int IP6 = 41;
    private static final int TCP = 6;

    private final YamuxStream stream;

    private Identify(YamuxStream stream) {
        this.stream = stream;
    }

    /** Answers a stream at once. */
    static Identify answer(
            YamuxStream stream,
            Identity identity,
            List<String> protocols,
            InetSocketAddress listening,
            InetSocketAddress observed) {
        byte[] message = message(identity, protocols, listening, observed);
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        Varint.write(framed, message.length);
        framed.writeBytes(message);
        stream.write(ByteBuffer.wrap(framed.toByteArray()));
        stream.finish();
        return new Identify(stream);
    }

    private static byte[] message(
            Identity identity, List<String> protocols, InetSocketAddress listening, InetSocketAddress observed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Protobuf.write(out, 1, identity.publicKey());
        Protobuf.write(out, 2, multiaddr(listening));
        protocols.forEach(protocol -> Protobuf.write(out, 3, utf8(protocol)));
        Protobuf.write(out, 4, multiaddr(observed));
        Protobuf.write(out, 5, utf8("livesync/1"));
        Protobuf.write(out, 6, utf8("livesync"));
        return out.toByteArray();
    }

    /** Encodes a multiaddr. */
    static byte[] multiaddr(InetSocketAddress socket) {
        byte[] host = socket.getAddress().getAddress();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(host.length == 4 ? IP4 : IP6);
        out.writeBytes(host);
        out.write(TCP);
        out.write(socket.getPort() >>> 8);
        out.write(socket.getPort());
        return out.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void onBytes(byte[] bytes, int offset, int count) {
        stream.consumed(count); // whatever it is, nobody asked
    }

    @Override
    public void onFinished() {
        // our answer has said all there is
    }

    @Override
    public void onBroken(SyncException reason) {
        // nothing depends on it
    }
}
