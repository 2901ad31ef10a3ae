package dev.livesync.cli;

import dev.livesync.cli.web.MonitoredDatabase;
import dev.livesync.cli.web.StatusServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that can show a page with what is going on. */
final class StatusPageOptions {
    @Option(
            names = "--status-page",
            paramLabel = "PORT",
            description =
                    "serve a page with what is going on at this port of this machine, 0 for a free one; its address, with a secret of "
                            + "its own, is the second line that is printed")
    private @Nullable Integer port;

    @Option(
            names = "--status-secret-file",
            paramLabel = "FILE",
            description =
                    "the secret of that page, so that its address stays the same; if there is no such file, one is made that only its "
                            + "owner can read")
    private @Nullable Path secretFile;

    /** Starts the page, if one was asked for. */
    @Nullable
    StatusServer start(Console console, Supplier<? extends Collection<MonitoredDatabase>> databases)
            throws IOException {
        if (port == null) {
            return null;
        }
        String secret = secretFile == null ? Secrets.random() : Secrets.readOrCreate(secretFile, console);
        return StatusServer.start(port, databases, InstantSource.system(), secret);
    }
}
