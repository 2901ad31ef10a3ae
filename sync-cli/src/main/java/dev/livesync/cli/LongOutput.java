package dev.livesync.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Output options of a command that may take a while. */
final class LongOutput extends Output {
    @Option(
            names = "--progress",
            negatable = true,
            description = "show progress on standard error, or don't; by default if that is a terminal")
    private @Nullable Boolean progress;

    @Override
    @Nullable
    Boolean progress() {
        return progress;
    }
}
