/**
 * Sealed sessions: a handshake by Noise with the secret as pre-shared key, and messages that nobody between the two ends can read, change,
 * repeat, reorder or leave out. {@code docs/sealed-sessions.md} specifies it. State machines that neither read a clock nor touch a channel.
 * Start at {@link dev.livesync.core.seal.SealedHandshake}.
 */
@NullMarked
package dev.livesync.core.seal;

import org.jspecify.annotations.NullMarked;
