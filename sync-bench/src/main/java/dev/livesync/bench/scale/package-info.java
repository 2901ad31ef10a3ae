/** The embedded database by itself, at a size: what it costs when there is much in it, as ratios to when there is little. */
@NullMarked
package dev.livesync.bench.scale;

import org.jspecify.annotations.NullMarked;
