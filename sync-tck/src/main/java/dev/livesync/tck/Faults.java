package dev.livesync.tck;

import dev.livesync.api.transport.Signal;
import java.util.Optional;

/**
 * Breaks the wire between the two peers of a test. A transport over TCP needs none of its own: the kit puts a {@link
 * LoopbackProxy} between. Others implement this with whatever their library or network offers.
 *
 * <p>Any thread. Methods take effect at once and don't wait.
 */
public interface Faults extends AutoCloseable {
    /**
     * Leads a connection through the place where it can be broken.
     *
     * @param address where somebody listens. It may end with {@code #} and a secret, which {@code Sync} has put there and takes
     *     off again before the transport sees the address
     * @return what to dial instead, with the same ending from {@code #} on; the same address where no detour is needed
     */
    default String through(String address) {
        return address;
    }

    /**
     * The same for peers that exchange signals. Each offer and each answer comes by here once, on its way from the transport
     * that made it to whoever carries it, an offer before the answer to it.
     *
     * @param signal what the transport made
     * @return what the other peer is told instead; the same signal where no detour is needed
     */
    default Signal through(Signal signal) {
        return signal;
    }

    /**
     * What could be read on the wire so far, for what is said to be encrypted.
     *
     * @return bytes of both directions in one, at least the first few hundred kilobytes; empty unless overridden, where
     *     nobody can read along
     */
    default Optional<byte[]> seen() {
        return Optional.empty();
    }

    /** Breaks every connection as a pulled plug does: without a goodbye. */
    void cut();

    /**
     * Breaks connections at a moment that a seed chooses, after a few messages or up to some
     * hundred kilobytes.
     *
     * @param seed the same seed, as nearly as the wire allows, the same moment
     */
    void cutSometime(long seed);

    /** Lets nothing pass from now on, either way, and tells nobody. */
    void stall();

    /**
     * Lets what passes from now on pass in odd pieces: cut at any byte, several joined, with pauses between. A wire that is no
     * stream of bytes has no pieces to cut.
     *
     * @param seed where it is cut; the same seed, as nearly as the wire allows, the same pieces
     */
    default void fragment(long seed) {}

    /**
     * Lets some more bytes pass, both ways in one, and then nothing, as {@link #stall} does. Another call lets as many more
     * pass. A wire that is no stream of bytes has no byte to stop at, and does nothing.
     *
     * @param bytes how many more, 0 or more
     */
    default void stallAfter(int bytes) {}

    /**
     * Lets what passes from now on pass in two pieces, either way: so many bytes, and after a pause the rest. Each call counts
     * anew. A wire that is no stream of bytes has no pieces.
     *
     * @param bytes of the first piece, 1 or more
     */
    default void splitAfter(int bytes) {}

    /** Ends {@link #stall}, {@link #stallAfter}, {@link #cutSometime} and {@link #fragment}: what was held up passes. */
    void resume();

    /** Ends all connections and whatever this needs. */
    @Override
    void close();
}
