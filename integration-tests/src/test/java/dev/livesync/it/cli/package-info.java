/** The {@code livesync} command as a user runs it: real processes, real sockets, real directories, killed where it hurts. */
@NullMarked
package dev.livesync.it.cli;

import org.jspecify.annotations.NullMarked;
