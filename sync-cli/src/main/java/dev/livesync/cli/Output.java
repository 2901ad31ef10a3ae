package dev.livesync.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Output options of a command. */
class Output {
    @Option(
            names = "--json",
            description =
                    "write results as JSON, one object per line, and messages and failures on standard error, too")
    boolean json;

    /** Whether a progress bar was asked for; null if not specified. */
    @Nullable
    Boolean progress() {
        return null;
    }
}
