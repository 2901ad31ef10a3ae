/**
 * What peers know of each other before a channel opens, and what a handshake ends with: secrets, offers and answers as texts, refusals,
 * agreements. The handshake itself is {@code dev.livesync.core.seal.SealedHandshake}. Start at {@link
 * dev.livesync.core.handshake.SignalText} for the texts.
 */
@NullMarked
package dev.livesync.core.handshake;

import org.jspecify.annotations.NullMarked;
