package dev.livesync.replica.postgres;

/**
 * A database whose history is being read.
 *
 * @param database its name
 * @param events how many of its events were read, those of a checkpoint included
 * @param of how many there are; 0 while that is not known
 */
public record OpeningDatabase(String database, long events, long of) {}
