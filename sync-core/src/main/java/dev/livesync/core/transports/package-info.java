/**
 * Which transports there are, which of them is meant, and what may be dialled. Start at {@link
 * dev.livesync.core.transports.Transports}.
 */
@NullMarked
package dev.livesync.core.transports;

import org.jspecify.annotations.NullMarked;
