/**
 * How two peers prove to each other that they know a secret without sending it, and how that secret travels in offers and
 * answers: sections 1 and 2 of the protocol. A state machine that neither reads a clock nor touches a channel, and texts.
 * Start at {@link dev.livesync.core.handshake.Handshake}, and at {@link dev.livesync.core.handshake.SignalText} for the texts.
 */
@NullMarked
package dev.livesync.core.handshake;

import org.jspecify.annotations.NullMarked;
