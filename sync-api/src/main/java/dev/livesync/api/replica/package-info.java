/**
 * What the protocol needs of a database. Start at {@link dev.livesync.api.replica.Replica}.
 *
 * <p>The contract fits a store that several processes share: nothing depends on having seen every notification, because
 * every reader has a {@link dev.livesync.api.replica.Cursor} and reads what came after it.
 *
 * <p>Two words recur. An event is <em>complete</em> when all its ancestors are stored and, if it is interior, its batch's
 * last event is too; complete events are what documents, heads and relaying are made of. An event that is stored but not
 * complete is <em>pending</em>. {@code docs/merge.md} defines both, the clock, the documents and their trees.
 */
@NullMarked
package dev.livesync.api.replica;

import org.jspecify.annotations.NullMarked;
