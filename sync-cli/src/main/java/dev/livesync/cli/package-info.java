/**
 * The {@code livesync} command. One class per subcommand, each of which parses its own arguments, calls the public APIs of the
 * database and of the core, and writes its results through {@link dev.livesync.cli.Console}.
 *
 * <p>What every command keeps: standard output holds results and nothing else; a failure is one line on standard error that begins
 * with {@code livesync:}, and exit code 1; wrong usage is exit code 2; no stack trace is ever shown unless the environment says
 * {@code LIVESYNC_DEBUG=1}.
 */
@NullMarked
package dev.livesync.cli;

import org.jspecify.annotations.NullMarked;
