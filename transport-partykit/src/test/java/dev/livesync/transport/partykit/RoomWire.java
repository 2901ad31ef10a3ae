package dev.livesync.transport.partykit;

import dev.livesync.tck.Faults;
import dev.livesync.tck.LoopbackProxy;

/**
 * The wire between who dials and the room. Who listens has a wire of its own to it, and gets a caller's OPEN in one piece or not at all: so
 * there is nothing of an accepted handshake that could be stopped here, and this says so by showing no bytes.
 */
public final class RoomWire implements Faults {
    private final LoopbackProxy proxy = new LoopbackProxy();

    @Override
    public String through(String address) {
        return proxy.through(address);
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
