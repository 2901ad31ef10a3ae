/** What opening and closing leaves behind. */
@NullMarked
package dev.livesync.it.leaks;

import org.jspecify.annotations.NullMarked;
