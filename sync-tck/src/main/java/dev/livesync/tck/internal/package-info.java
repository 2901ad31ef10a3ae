/**
 * What the kit and the tests of LiveSync's own transports share. Not exported, and no API: it changes without notice. Extend
 * {@code TransportTck} instead.
 */
@NullMarked
package dev.livesync.tck.internal;

import org.jspecify.annotations.NullMarked;
