/**
 * The same workloads for LiveSync and for other systems, in turns: {@link dev.livesync.bench.compare.SystemComparison} runs them, {@link
 * dev.livesync.bench.compare.Figures} keeps each single measurement, and {@link dev.livesync.bench.compare.Page} tells people.
 */
@NullMarked
package dev.livesync.bench.compare;

import org.jspecify.annotations.NullMarked;
