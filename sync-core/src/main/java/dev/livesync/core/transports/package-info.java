/**
 * Finds transports, chooses one of them, and decides which addresses may be dialled. Start at {@link
 * dev.livesync.core.transports.Transports}.
 */
@NullMarked
package dev.livesync.core.transports;

import org.jspecify.annotations.NullMarked;
