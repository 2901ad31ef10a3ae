package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.cli.control.FileAccess;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.database.attachments.Attachment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = "Writes the content that a field of a document names to a file, checked.")
final class ExtractCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "ID", description = "the document's id")
    private String id = "";

    @Parameters(index = "2", paramLabel = "FIELD", description = "the field")
    private String field = "";

    @Parameters(index = "3", paramLabel = "FILE", description = "where to write; appears when it is whole")
    private Path file = Path.of("");

    @Option(names = "--force", description = "replace the file if there is one")
    private boolean force;

    ExtractCommand(Console console) {
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
        if (!force && console.files().exists(file)) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, file + " is there already; --force replaces it, or name another file");
        }
        try (DatabaseUse use = Databases.read(console, directory)) {
            Database database = use.database();
            Document document = database.get(id)
                    .orElseThrow(
                            () -> new SyncException(ErrorKind.NOT_FOUND, "no document \"" + id + "\" in " + directory));
            Attachment attachment = Attachment.in(document.value(), field)
                    .orElseThrow(() -> new SyncException(
                            ErrorKind.NOT_FOUND,
                            "document \"" + id + "\" names no attachment under \"" + field + "\""));
            write(database, attachment);
            console.result(
                    output.json
                            ? JsonOutput.object(
                                    "extracted",
                                    attachment.root().toString(),
                                    "size",
                                    attachment.size(),
                                    "type",
                                    attachment.type(),
                                    "file",
                                    file.toString())
                            : "extracted " + attachment.size() + " bytes of " + attachment.type() + " to " + file);
        }
        return 0;
    }

    private void write(Database database, Attachment attachment) throws IOException {
        long missing = database.attachments().missing(attachment);
        if (missing > 0) {
            throw new SyncException(
                    ErrorKind.NOT_FOUND,
                    missing + " of " + attachment.size()
                            + " bytes are not here; dial somebody who has them, with --attachments");
        }
        try (FileAccess.TargetFile target = console.files().create(file, force);
                InputStream content = database.attachments().open(attachment)) {
            content.transferTo(target.stream());
            target.keep();
        }
    }
}
