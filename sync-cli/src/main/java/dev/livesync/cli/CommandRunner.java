package dev.livesync.cli;

import java.util.List;

/** Runs a command line that another process has given. */
interface CommandRunner {
    /** Runs it with the other's console, and returns the exit code. */
    int run(Console console, List<String> arguments);
}
