/** Real processes on hosts of their own, which are killed, stopped, cut off, and whose disks fill up and fail: what they acknowledged is checked from the outside. */
@NullMarked
package dev.livesync.it.outside;

import org.jspecify.annotations.NullMarked;
