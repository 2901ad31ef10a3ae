/** What many hubs on one store need, worked out from what was measured of one: {@code docs/scale.md}. */
@NullMarked
package dev.livesync.bench.capacity;

import org.jspecify.annotations.NullMarked;
