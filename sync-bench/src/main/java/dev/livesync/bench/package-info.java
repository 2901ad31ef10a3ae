/** Benchmarks: {@link dev.livesync.bench.Main} is the program, {@code docs/benchmarks.md} says how to read it. */
@NullMarked
package dev.livesync.bench;

import org.jspecify.annotations.NullMarked;
