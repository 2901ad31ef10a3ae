/** LiveSync as one side of a workload, in a process of its own. */
@NullMarked
package dev.livesync.bench.peer;

import org.jspecify.annotations.NullMarked;
