/** The kit as a program. Nothing in it is API. */
@NullMarked
package dev.livesync.tck.standalone;

import org.jspecify.annotations.NullMarked;
