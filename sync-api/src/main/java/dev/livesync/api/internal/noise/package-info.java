/**
 * The Noise Protocol Framework, as far as LiveSync needs it: Curve25519, two AEADs, SHA-256, any pattern without known static keys. For
 * sync-core and the libp2p transport alone: it is exported to nobody else and may change with any release. Bytes in, bytes out, keys given.
 * Start at {@link dev.livesync.api.internal.noise.HandshakeState}.
 *
 * @see <a href="https://noiseprotocol.org/noise.html">The Noise Protocol Framework, revision 34</a>
 */
@NullMarked
package dev.livesync.api.internal.noise;

import org.jspecify.annotations.NullMarked;
