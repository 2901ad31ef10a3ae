/** Offers and answers as text: section 1 of the protocol. Start at {@link dev.livesync.core.signal.SignalText}. */
@NullMarked
package dev.livesync.core.signal;

import org.jspecify.annotations.NullMarked;
