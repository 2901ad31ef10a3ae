/** Whoever proves nothing, and what that costs. */
@NullMarked
package dev.livesync.it.strangers;

import org.jspecify.annotations.NullMarked;
