/**
 * The protocol of one session as a state machine without I/O, threads or clocks; see {@link
 * dev.livesync.core.protocol.SessionProtocol}.
 */
@NullMarked
package dev.livesync.core.protocol;

import org.jspecify.annotations.NullMarked;
