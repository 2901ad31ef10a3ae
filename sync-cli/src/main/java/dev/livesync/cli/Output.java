package dev.livesync.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command tells its results. */
final class Output {
    @Option(names = "--json", description = "write results as JSON, one object per line")
    boolean json;

    @Option(
            names = "--progress",
            negatable = true,
            description = "show progress on standard error, or don't; by default if that is a terminal")
    @Nullable
    Boolean progress;
}
