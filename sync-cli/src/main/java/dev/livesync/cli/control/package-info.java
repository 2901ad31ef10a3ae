/**
 * The socket through which other processes use a database that one process holds. The command is parsed on both sides, and runs where the database
 * is open; its streams and files are the other side's. Not for users, and nothing of it travels to peers.
 *
 * <p>A connection is for one command. The client says who it is and what to run; from then on the holder asks and the client answers: a read of
 * standard input, a write of output, a file of those that the command line names, and at last the exit code. The client sends nothing unasked but
 * that it was interrupted.
 */
@NullMarked
package dev.livesync.cli.control;

import org.jspecify.annotations.NullMarked;
