/** Declared indexes: what is kept in memory of the documents' fields, in order, for each view; and which of them a query uses. */
@NullMarked
package dev.livesync.database.index;

import org.jspecify.annotations.NullMarked;
