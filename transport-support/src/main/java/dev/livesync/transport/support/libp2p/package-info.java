/** What both libp2p transports need, ours and the one over jvm-libp2p: the frames of {@code /livesync/1.0.0}, and words for failures. */
@NullMarked
package dev.livesync.transport.support.libp2p;

import org.jspecify.annotations.NullMarked;
