package dev.livesync.transport.jvmlibp2p;

import dev.livesync.tck.Faults;
import dev.livesync.tck.LoopbackProxy;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.libp2p.core.PeerId;
import java.util.Optional;

/** The kit's proxy for addresses of ours. */
final class AddressProxy implements Faults {
    private final LoopbackProxy proxy = new LoopbackProxy();

    @Override
    public String through(String address) {
        int hash = address.indexOf('#');
        String secret = hash < 0 ? "" : address.substring(hash);
        Multiaddr<PeerId> there = Multiaddr.parse(hash < 0 ? address : address.substring(0, hash), JvmLibp2pStack::peer);
        proxy.to(there.host(), there.port());
        return there.withPort(proxy.port()) + secret;
    }

    @Override
    public Optional<byte[]> seen() {
        return proxy.seen();
    }

    @Override
    public void cut() {
        proxy.cut();
    }

    @Override
    public void cutSometime(long seed) {
        proxy.cutSometime(seed);
    }

    @Override
    public void stall() {
        proxy.stall();
    }

    @Override
    public void stallAfter(int bytes) {
        proxy.stallAfter(bytes);
    }

    @Override
    public void fragment(long seed) {
        proxy.fragment(seed);
    }

    @Override
    public void splitAfter(int bytes) {
        proxy.splitAfter(bytes);
    }

    @Override
    public void resume() {
        proxy.resume();
    }

    @Override
    public void close() {
        proxy.close();
    }
}
