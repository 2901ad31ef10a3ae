package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Stores the records of a file as documents: JSON objects, one per line, one after another or in one array, as "
                    + "CouchDB (docs, rows with doc) and mongoexport write them, too; or a CAR that export --car wrote. In UTF-8, "
                    + "UTF-16 or UTF-32, packed by gzip or not.",
            "Records go in batches; each batch is durable as a whole before the next begins. At a bad record the command "
                    + "fails: what came before it is stored, nothing after it. What is there already is not written again; "
                    + "_deleted deletes."
        })
final class ImportCommand implements Callable<Integer>, Routed {
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

    @Option(
            names = "--exact",
            description =
                    "refuse a document that can't be kept as it is, as JavaScript's numbers have no more than 64 bits and its texts "
                            + "no half characters; by default it is changed as JavaScript would, and a line says how many were")
    private boolean exact;

    @Option(names = "--ack", description = "print \"stored ID\" for each document as soon as it is durable")
    private boolean ack;

    ImportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public List<Path> reads() {
        return InputFile.isStandardInput(file) ? List.of() : List.of(Path.of(file));
    }

    @Override
    public Integer call() throws IOException {
        try (InputFile input = InputFile.open(file, console)) {
            InputFile.Format format = input.format();
            if (format != InputFile.Format.JSON && idField != null) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, "--id is for JSON: the documents of a CAR have their ids already");
            }
            try (DatabaseUse use = Databases.openOrCreate(console, directory);
                    Progress progress = Progress.start(console, output, "importing", "bytes", input.size())) {
                Database database = use.database();
                Acknowledge acknowledge = new Acknowledge(console, output, ack);
                LongConsumer position = n -> progress.to(input.position());
                if (format == InputFile.Format.JSON) {
                    IdRule ids = idField == null
                            ? IdRule.standard(() -> UUID.randomUUID().toString())
                            : IdRule.named(idField);
                    report(
                            database,
                            new RecordImport(database, input.name(), exact, console, acknowledge, position)
                                    .run(new JsonRecords(input.text(), ids)));
                } else {
                    CarImport car = new CarImport(database, input.name(), acknowledge, position);
                    report(
                            database,
                            format == InputFile.Format.CAR ? car.run(input.stream()) : car.runV2(input.stream()));
                }
            }
        }
        return 0;
    }

    private void report(Database database, RecordImport.Result result) {
        if (output.json) {
            console.result(JsonOutput.object(
                    "documents", result.stored(),
                    "deleted", result.deleted(),
                    "unchanged", result.unchanged(),
                    "heads", heads(database)));
            return;
        }
        String deleted = result.deleted() == 0 ? "" : ", " + result.deleted() + " deleted";
        String unchanged = result.unchanged() == 0 ? "" : ", " + result.unchanged() + " unchanged";
        console.result(result.stored() + (result.stored() == 1 ? " document" : " documents") + " stored in " + directory
                + deleted + unchanged);
    }

    private void report(Database database, long events) {
        console.result(
                output.json
                        ? JsonOutput.object("events", events, "heads", heads(database))
                        : events + (events == 1 ? " event" : " events") + " stored in " + directory);
    }

    private static List<String> heads(Database database) {
        return database.clock().stream().map(Cid::toString).toList();
    }
}
