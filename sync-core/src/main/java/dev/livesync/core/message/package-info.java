/** Texts and bytes of the protocol's messages: control messages, diffs, pieces. No state beyond one message. */
@NullMarked
package dev.livesync.core.message;

import org.jspecify.annotations.NullMarked;
