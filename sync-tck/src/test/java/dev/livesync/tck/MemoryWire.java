package dev.livesync.tck;

import dev.livesync.transport.memory.MemoryFaults;
import dev.livesync.transport.memory.MemoryLink;
import dev.livesync.transport.memory.MemoryLink.Side;
import dev.livesync.transport.memory.MemoryNetwork;
import java.util.SplittableRandom;

/** The faults of a memory network, as the kit asks for them. */
final class MemoryWire implements Faults {
    private final MemoryFaults faults;

    MemoryWire(MemoryNetwork network) {
        this.faults = network.faults();
    }

    @Override
    public void cut() {
        faults.cutAll();
    }

    @Override
    public void cutSometime(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        // Both sides: one that sends nothing would never be cut.
        faults.onLink(link -> {
            link.cutAfter(Side.DIALER, random.nextLong(10));
            link.cutAfter(Side.LISTENER, random.nextLong(10));
        });
    }

    @Override
    public void stall() {
        faults.holdDials();
        for (MemoryLink link : faults.links()) {
            link.hold(Side.DIALER);
            link.hold(Side.LISTENER);
        }
    }

    @Override
    public void resume() {
        faults.onLink(link -> {});
        faults.acceptDials();
        for (MemoryLink link : faults.links()) {
            link.release(Side.DIALER);
            link.release(Side.LISTENER);
        }
    }

    @Override
    public void close() {
        resume();
    }
}
