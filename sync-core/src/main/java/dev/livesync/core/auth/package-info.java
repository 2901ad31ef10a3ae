/**
 * How two peers prove to each other that they know a secret without sending it: section 2 of the protocol, as a state
 * machine that neither reads a clock nor touches a channel. Start at {@link dev.livesync.core.auth.Handshake}.
 */
@NullMarked
package dev.livesync.core.auth;

import org.jspecify.annotations.NullMarked;
