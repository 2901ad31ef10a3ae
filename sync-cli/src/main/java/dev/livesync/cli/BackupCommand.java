package dev.livesync.cli;

import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description =
                "Writes all that is stored, with its history, as one CAR, from which restore makes a database again.")
final class BackupCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    private final LongOutput output = new LongOutput();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Parameters(
            index = "1",
            paramLabel = "FILE",
            description = "the CAR; it replaces a file of that name only when it is whole")
    private Path file = Path.of("");

    BackupCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public List<Path> writes() {
        return List.of(file);
    }

    @Override
    public Integer call() throws IOException {
        try (DatabaseUse use = Databases.read(console, directory)) {
            Database database = use.database();
            CarExport.write(database, file, console, output);
        }
        return 0;
    }
}
