package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Has the serve that holds a database read its configuration again. Sessions of what hasn't changed go on.",
            "A file that can't be used changes nothing, and the line of the failure names what is wrong with it."
        })
final class ReloadCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "any of the databases that it serves")
    private Path directory = Path.of("");

    ReloadCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Integer call() {
        Supplier<String> reload = console.held()
                .orElseThrow(() -> new SyncException(
                        ErrorKind.NOT_FOUND, "nobody serves " + directory + " whom this command reaches"))
                .reload();
        if (reload == null) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, "what has " + directory + " open has no configuration; only serve has");
        }
        String outcome = reload.get();
        console.result(output.json ? JsonOutput.object("reloaded", outcome) : outcome);
        return 0;
    }
}
