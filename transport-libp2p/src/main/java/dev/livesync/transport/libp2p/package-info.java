/**
 * The libp2p transport: addresses such as {@code libp2p:/ip4/127.0.0.1/tcp/4001/p2p/12D3Koo…}, one stream of the protocol
 * {@code /livesync/1.0.0} per channel. Give a {@link dev.livesync.transport.libp2p.Libp2pTransportProvider} with a {@link
 * dev.livesync.transport.libp2p.Libp2pConfiguration} to the core, or let it be found.
 *
 * <p>Sockets are Netty's, cryptography is the JDK's, the protocols are this package's: {@code docs/transports/libp2p.md}
 * says why, and what the limits are.
 *
 * <p>From the socket upwards: {@link dev.livesync.transport.libp2p.Libp2pConnection} takes bytes, {@link
 * dev.livesync.transport.libp2p.Multistream} agrees on protocols, {@link dev.livesync.transport.libp2p.SecureHandshake}
 * authenticates, {@link dev.livesync.transport.libp2p.Yamux} splits into streams, {@link
 * dev.livesync.transport.libp2p.MessageStream} makes messages of one for the {@link
 * dev.livesync.transport.support.BufferedChannel} that users hold. All below the channel but the connection itself is free of
 * input and output, and runs on the connection's event loop alone.
 */
@NullMarked
package dev.livesync.transport.libp2p;

import org.jspecify.annotations.NullMarked;
