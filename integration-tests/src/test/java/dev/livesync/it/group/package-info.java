/** Several named databases over one connection, over real transports. */
@NullMarked
package dev.livesync.it.group;

import org.jspecify.annotations.NullMarked;
