/** Channels without the protocol above them: what the wire alone can do. */
@NullMarked
package dev.livesync.bench.channel;

import org.jspecify.annotations.NullMarked;
