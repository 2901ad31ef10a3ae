/** Where a database on a store that others write, too, keeps what it has worked out, to begin with that instead of the whole history. */
@NullMarked
package dev.livesync.database.checkpoint;

import org.jspecify.annotations.NullMarked;
