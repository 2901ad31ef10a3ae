package dev.livesync.transport.libp2p;

import io.netty.channel.IoHandlerFactory;

/** A loop's sockets, whose loop outlives what goes wrong with one of them. */
final class SturdyIo {
    private SturdyIo() {}

    static IoHandlerFactory around(IoHandlerFactory factory) {
        return factory;
    }
}
