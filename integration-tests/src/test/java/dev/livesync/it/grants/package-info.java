/** What peers may do, over every transport. */
@NullMarked
package dev.livesync.it.grants;

import org.jspecify.annotations.NullMarked;
