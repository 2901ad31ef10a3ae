/**
 * What peers show each other for the moment: cursors, who is typing, who is there. Nothing of it is stored. Start at {@link
 * dev.livesync.presence.Presence}.
 */
@NullMarked
package dev.livesync.presence;

import org.jspecify.annotations.NullMarked;
