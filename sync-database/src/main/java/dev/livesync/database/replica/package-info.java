/**
 * What makes a database of the log, the history and the trees: {@link dev.livesync.database.replica.LocalReplica} takes commits one at a time,
 * works them out on the writer's state, has them written, and publishes an immutable {@link dev.livesync.database.replica.StoredView}
 * for readers, who never wait.
 */
@NullMarked
package dev.livesync.database.replica;

import org.jspecify.annotations.NullMarked;
