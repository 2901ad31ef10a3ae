/** What opening and closing leaves behind. */
@NullMarked
package dev.livesync.it.hubs;

import org.jspecify.annotations.NullMarked;
