/**
 * What to find in a database: {@link dev.livesync.database.query.Query} says which documents and in what order, and {@link
 * dev.livesync.database.Database#query} finds them.
 */
@NullMarked
package dev.livesync.database.query;

import org.jspecify.annotations.NullMarked;
