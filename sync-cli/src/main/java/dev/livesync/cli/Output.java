package dev.livesync.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command tells its results. */
class Output {
    @Option(
            names = "--json",
            description =
                    "write results as JSON, one object per line, and messages and failures on standard error, too")
    boolean json;

    /** Whether a bar was asked for; null if nothing was said. */
    @Nullable
    Boolean progress() {
        return null;
    }
}
