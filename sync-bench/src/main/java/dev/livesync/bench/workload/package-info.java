/** What the benchmarks put into databases. */
@NullMarked
package dev.livesync.bench.workload;

import org.jspecify.annotations.NullMarked;
