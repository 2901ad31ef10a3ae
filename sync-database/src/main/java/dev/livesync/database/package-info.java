/**
 * The embedded database: JSON documents whose whole history is a graph of content-addressed events, in memory or in a
 * directory. Start at {@link dev.livesync.database.Database}.
 */
@NullMarked
package dev.livesync.database;

import org.jspecify.annotations.NullMarked;
