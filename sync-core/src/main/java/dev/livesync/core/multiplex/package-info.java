/**
 * Several named channels over one connection: the frames, the state of one end without I/O, and what makes of it a transport for each name.
 * Start at {@link dev.livesync.core.multiplex.ConnectionPool}.
 */
@NullMarked
package dev.livesync.core.multiplex;

import org.jspecify.annotations.NullMarked;
