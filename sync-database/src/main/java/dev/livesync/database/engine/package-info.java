/**
 * What makes a database of the store, the history and the trees: {@link dev.livesync.database.engine.Engine} takes commits one at a time,
 * decides what of them is complete, has them written, and publishes an immutable
 * {@link dev.livesync.database.engine.State} for readers, who never wait.
 */
@NullMarked
package dev.livesync.database.engine;

import org.jspecify.annotations.NullMarked;
