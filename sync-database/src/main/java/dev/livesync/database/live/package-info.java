/**
 * Live queries: a result, and then what makes it the next one. {@link dev.livesync.database.Database#live} is where it begins.
 */
@NullMarked
package dev.livesync.database.live;

import org.jspecify.annotations.NullMarked;
