/**
 * What every transport of LiveSync needs once it talks to the SPI: steps that never overlap, and an end for all that is open. For
 * the transports here; it may change with any release, and a transport of your own does without it.
 */
@NullMarked
package dev.livesync.transport.support;

import org.jspecify.annotations.NullMarked;
