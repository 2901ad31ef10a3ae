package dev.livesync.cli;

import dev.livesync.api.replica.Summary;
import dev.livesync.database.Database;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Makes a new database of a CAR that backup wrote. Every block is hashed; if the CAR is damaged or cut off, "
                    + "there is no database afterwards. (import takes a CAR into a database that has other documents, too.)"
        })
final class RestoreCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "FILE", description = "the CAR")
    private Path file = Path.of("");

    @Parameters(index = "1", paramLabel = "DIR", description = "the new database's directory: empty, or made")
    private Path directory = Path.of("");

    RestoreCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Summary restored = Database.restore(file, directory);
        console.result(
                output.json
                        ? JsonOutput.object(
                                "documents", restored.documents(),
                                "events", restored.events(),
                                "pending", restored.pending(),
                                "blocks", restored.blocks(),
                                "bytes", restored.bytes())
                        : restored.documents() + " documents, " + restored.events() + " events, " + restored.pending()
                                + " pending in " + directory);
        return 0;
    }
}
