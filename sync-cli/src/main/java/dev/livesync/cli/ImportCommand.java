package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Stores the records of a file as documents: JSON Lines, one JSON array, or a CAR that export --car wrote.",
            "Records go in batches; each batch is durable as a whole before the next begins. At a bad record the command "
                    + "fails: what came before it is stored, nothing after it."
        })
final class ImportCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final LongOutput output = new LongOutput();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "FILE", description = "what to import; - for standard input")
    private String file = "";

    @Option(
            names = "--id",
            paramLabel = "FIELD",
            description =
                    "the field that becomes the document's id, a text or a whole number; it stays in the document, and a "
                            + "record without it is refused. Default: _id, which does not stay, and a random UUID where there is none "
                            + "(then a second import stores everything twice)")
    private @Nullable String idField;

    @Option(names = "--ack", description = "print \"stored ID\" for each document as soon as it is durable")
    private boolean ack;

    ImportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        try (InputFile input = InputFile.open(file, console.in())) {
            InputFile.Format format = input.format();
            if (format == InputFile.Format.CAR && idField != null) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, "--id is for JSON: the documents of a CAR have their ids already");
            }
            try (Database database = Databases.openOrCreate(directory);
                    Progress progress = Progress.start(console, output, "importing", "bytes", input.size())) {
                Acknowledge acknowledge = new Acknowledge(console, output, ack);
                if (format == InputFile.Format.CAR) {
                    long events = new CarImport(database, input.name(), acknowledge, n -> progress.to(input.position()))
                            .run(input.stream());
                    report(database, "events", events);
                } else {
                    long documents = new RecordImport(
                                    database, input.name(), acknowledge, n -> progress.to(input.position()))
                            .run(reader(input, format));
                    report(database, "documents", documents);
                }
            }
        }
        return 0;
    }

    private RecordReader reader(InputFile input, InputFile.Format format) throws IOException {
        IdRule ids = idField == null ? IdRule.standard(() -> UUID.randomUUID().toString()) : IdRule.named(idField);
        return format == InputFile.Format.JSON_ARRAY
                ? JsonRecords.array(input.stream(), ids)
                : JsonRecords.lines(input.stream(), ids);
    }

    private void report(Database database, String what, long count) {
        console.result(
                output.json
                        ? Json.object(
                                what,
                                count,
                                "heads",
                                database.clock().stream().map(Cid::toString).toList())
                        : count + " " + what + " stored in " + directory);
    }
}
