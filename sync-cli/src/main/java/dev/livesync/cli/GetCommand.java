package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(mixinStandardHelpOptions = true, description = "Prints one document as a line of JSON, its _id first.")
final class GetCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    @SuppressWarnings("UnusedVariable") // a document is JSON either way; its absence is only with --json
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "ID", description = "the document's id")
    private String id = "";

    @Option(
            names = "--at",
            paramLabel = "EVENT",
            split = ",",
            description =
                    "as it was for whoever had seen this event and all before it; several, with commas between, are a clock")
    private List<String> clock = List.of();

    GetCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Integer call() {
        try (DatabaseUse use = Databases.read(console, directory)) {
            Database database = use.database();
            List<Cid> seen = clock.stream().map(Cid::parse).toList();
            Document document = (seen.isEmpty() ? database.get(id) : database.get(id, seen))
                    .orElseThrow(() -> new SyncException(
                            ErrorKind.NOT_FOUND,
                            "no document \"" + id + "\" in " + directory + (seen.isEmpty() ? "" : " at that moment")));
            console.result(JsonOutput.document(document));
        }
        return 0;
    }
}
