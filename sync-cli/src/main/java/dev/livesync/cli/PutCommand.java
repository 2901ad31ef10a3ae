package dev.livesync.cli;

import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(mixinStandardHelpOptions = true, description = "Writes one document, durably.")
final class PutCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "ID", description = "the document's id")
    private String id = "";

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "JSON",
            description = "the document, a JSON object; read from standard input if absent")
    private @Nullable String json;

    PutCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        String text = json != null ? json : new String(console.in().readAllBytes(), StandardCharsets.UTF_8);
        Document document = Document.of(id, text); // before a directory is made for nothing
        try (Database database = Databases.openOrCreate(directory)) {
            String event = database.put(document).toString();
            console.result(output.json ? Json.object("stored", id, "event", event) : "stored " + id);
        }
        return 0;
    }
}
