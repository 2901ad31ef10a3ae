/**
 * A database in PostgreSQL that any number of processes serve at once: {@link dev.livesync.replica.postgres.PostgresStore} is the connection, {@link
 * dev.livesync.replica.postgres.PostgresReplica} one database there, which {@code new Sync(replica)} takes as any other. {@code docs/postgres.md} says what to set up.
 */
@NullMarked
package dev.livesync.replica.postgres;

import org.jspecify.annotations.NullMarked;
