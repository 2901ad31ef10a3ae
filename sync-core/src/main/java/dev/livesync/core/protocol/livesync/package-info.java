/**
 * The dialect of peers that have proved themselves in a handshake, and the choice between it and the alpha's. Start at {@link
 * dev.livesync.core.protocol.livesync.LiveSyncDialect}.
 */
@NullMarked
package dev.livesync.core.protocol.livesync;

import org.jspecify.annotations.NullMarked;
