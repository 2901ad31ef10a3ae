/**
 * libp2p through jvm-libp2p, as a second provider of the scheme {@code libp2p}. Give a {@link
 * dev.livesync.transport.jvmlibp2p.JvmLibp2pTransportProvider} to the core, or let it be found in the place of
 * {@code transport-libp2p}. The library is not a module, so this runs on the class path.
 *
 * <p>The library negotiates, encrypts and multiplexes. Ours are {@link dev.livesync.transport.jvmlibp2p.JvmStream}, which makes
 * messages of a stream, and {@link dev.livesync.transport.jvmlibp2p.Frames}, which gives it the flow control that the library
 * keeps to itself.
 */
@NullMarked
package dev.livesync.transport.jvmlibp2p;

import org.jspecify.annotations.NullMarked;
