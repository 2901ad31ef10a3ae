/** Many sessions on one hub: what the hub does, and sessions that keep little. */
@NullMarked
package dev.livesync.bench.many;

import org.jspecify.annotations.NullMarked;
