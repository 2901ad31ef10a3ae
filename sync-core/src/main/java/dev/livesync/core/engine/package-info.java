/**
 * The protocol of one session as a state machine without I/O, threads or clocks; see {@link
 * dev.livesync.core.engine.Engine}.
 */
@NullMarked
package dev.livesync.core.engine;

import org.jspecify.annotations.NullMarked;
