package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.cli.hub.HubRunner;
import dev.livesync.cli.hub.ServedEntry;
import dev.livesync.cli.web.StatusServer;
import dev.livesync.database.DatabaseOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Runs a hub from a configuration file: databases, addresses, grants, limits (docs/serving.md). Prints where it "
                    + "listens, a line for each address, and serves until the process is interrupted; sessions are told then.",
            "reload DIR, with one of its databases, reads the file again; sessions of what hasn't changed go on."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped by a signal, in order",
            "1:failed; starting it again may help: a directory or address is in use, the disk is full",
            "2:wrong usage",
            "3:the configuration can't be used; starting it again helps when somebody has changed something"
        })
final class ServeCommand implements Callable<Integer> {
    /** Failures that pass without anybody changing the configuration or the databases. */
    private static final Set<ErrorKind> PASSING =
            Set.of(ErrorKind.IN_USE, ErrorKind.STORAGE, ErrorKind.LIMIT_EXCEEDED, ErrorKind.INTERNAL);

    private final Console console;
    private final CommandRunner runner;

    @Mixin
    private final Output output = new Output();

    @Mixin
    private final StatusPageOptions status = new StatusPageOptions();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            required = true,
            description = "the configuration, JSON with comments")
    private Path file = Path.of("");

    @Option(names = "--check", description = "say whether the file can be used, and serve nothing")
    private boolean check;

    ServeCommand(Console console, CommandRunner runner) {
        this.console = console;
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        if (check) {
            int databases = HubRunner.check(file);
            console.result(output.json ? JsonOutput.object("databases", databases) : file + " can be used");
            return 0;
        }
        ServeHost host = new ServeHost(console, runner, DatabaseOptions.defaults(), Optional.empty());
        try (Interruption interruption = new Interruption();
                HubRunner hub = HubRunner.start(host, file);
                @Nullable StatusServer page = status.start(console, host::monitored)) {
            for (ServedEntry entry : hub.served()) {
                for (String address : entry.addresses()) {
                    console.result(output.json ? json(entry, address) : line(entry, address));
                }
            }
            if (page != null) {
                console.result(output.json ? JsonOutput.object("statusPage", page.address()) : page.address());
            }
            console.note("serving, stop with Ctrl-C");
            interruption.allow(hub::drainTime);
            interruption.enter(Interruption.Phase.SERVING);
            Waiting.on(interruption.asked());
            console.note("stopping");
        } catch (SyncException e) {
            if (PASSING.contains(e.kind()) || e.kind().isTransient()) {
                throw e;
            }
            console.error(e.kind().name(), String.valueOf(e.getMessage()));
            console.trace(e);
            return DialCommand.GAVE_UP;
        }
        return 0;
    }

    private static String line(ServedEntry entry, String address) {
        return address + " " + entry.directory() + (entry.name().isEmpty() ? "" : " " + Visible.line(entry.name()));
    }

    private static String json(ServedEntry entry, String address) {
        String directory = entry.directory().toString();
        return entry.name().isEmpty()
                ? JsonOutput.object("directory", directory, "address", address)
                : JsonOutput.object("directory", directory, "database", entry.name(), "address", address);
    }
}
