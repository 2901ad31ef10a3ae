package dev.livesync.cli;

import dev.livesync.database.Database;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(mixinStandardHelpOptions = true, description = "Deletes one document, durably.")
final class DeleteCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "ID", description = "the document's id")
    private String id = "";

    DeleteCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Integer call() {
        try (DatabaseUse use = Databases.open(console, directory)) {
            Database database = use.database();
            String event = database.delete(id).toString();
            console.result(output.json ? JsonOutput.object("deleted", id, "event", event) : "deleted " + id);
        }
        return 0;
    }
}
