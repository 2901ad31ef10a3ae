/** Texts and bytes of the protocol's messages: control messages, diffs, pieces. No state beyond one message. */
@NullMarked
package dev.livesync.core.wire;

import org.jspecify.annotations.NullMarked;
