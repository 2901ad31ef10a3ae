/**
 * How two peers come to a channel: offers and acceptances, dialled and listening addresses, over transports that signal and
 * transports that dial. What comes of it is a session; see {@link dev.livesync.core.session}. Start at {@link
 * dev.livesync.core.connect.Offers} and {@link dev.livesync.core.connect.Addresses}.
 */
@NullMarked
package dev.livesync.core.connect;

import org.jspecify.annotations.NullMarked;
