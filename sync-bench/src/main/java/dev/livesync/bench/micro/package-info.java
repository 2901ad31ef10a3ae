/** Microbenchmarks for JMH: the hot paths one by one, to see what a change does to each. */
@NullMarked
package dev.livesync.bench.micro;

import org.jspecify.annotations.NullMarked;
