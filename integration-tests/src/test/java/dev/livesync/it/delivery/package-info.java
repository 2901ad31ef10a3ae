/** The last write before a close, on every transport, in two processes that have better things to do. */
@NullMarked
package dev.livesync.it.delivery;

import org.jspecify.annotations.NullMarked;
