package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.database.Database;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description =
                "Undoes a put or delete by a new write: the document becomes what it was just before. Refused if it has been changed since.")
final class RevertCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "EVENT", description = "the event, as livesync log prints it")
    private String event = "";

    RevertCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Integer call() {
        Cid cid = Cid.parse(event);
        try (DatabaseUse use = Databases.open(console, directory)) {
            Database database = use.database();
            String written = database.revert(cid).toString();
            console.result(output.json ? JsonOutput.object("reverted", event, "event", written) : "reverted " + event);
        }
        return 0;
    }
}
