/** Plots as SVG files: no scripts, no fonts of their own, readable on light and dark ground. */
@NullMarked
package dev.livesync.bench.plot;

import org.jspecify.annotations.NullMarked;
