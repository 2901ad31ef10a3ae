package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.database.attachments.Attachment;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLConnection;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description =
                "Stores a file's content, durably, and names it under a field of a document, which is made if there is none.")
final class AttachCommand implements Callable<Integer>, Routed {
    private static final String UNKNOWN = "application/octet-stream";

    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "ID", description = "the document's id")
    private String id = "";

    @Parameters(index = "2", paramLabel = "FIELD", description = "the field; what it holds is replaced")
    private String field = "";

    @Parameters(index = "3", paramLabel = "FILE", description = "what to store")
    private Path file = Path.of("");

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "what it is, such as image/jpeg; without this option the file's name says")
    private @Nullable String type;

    AttachCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public List<Path> reads() {
        return List.of(file);
    }

    @Override
    public Integer call() throws IOException {
        try (DatabaseUse use = Databases.openOrCreate(console, directory)) {
            Database database = use.database();
            Attachment attachment;
            if (console.files().isLocal()) {
                attachment = database.attachments().put(file, type());
            } else {
                try (InputStream content = console.files().open(file).stream()) {
                    attachment = database.attachments().put(content, type());
                }
            }
            String event = name(database, attachment);
            String root = attachment.root().toString();
            console.result(
                    output.json
                            ? JsonOutput.object(
                                    "attached", root, "size", attachment.size(), "stored", id, "event", event)
                            : "attached " + root + " (" + attachment.size() + " bytes) to " + id);
        }
        return 0;
    }

    private String name(Database database, Attachment attachment) {
        while (true) {
            Document before = database.get(id).orElseGet(() -> Document.of(id, Map.of()));
            Map<String, @Nullable Object> fields = new LinkedHashMap<>(before.toMap());
            fields.put(field, attachment.stub());
            try {
                return database.put(before.with(fields)).toString();
            } catch (SyncException e) {
                if (e.kind() != ErrorKind.CONFLICT) {
                    throw e;
                }
            }
        }
    }

    private String type() {
        if (type != null) {
            return type;
        }
        Path name = file.getFileName();
        String guess = name == null ? null : URLConnection.guessContentTypeFromName(name.toString());
        return guess == null ? UNKNOWN : guess;
    }
}
