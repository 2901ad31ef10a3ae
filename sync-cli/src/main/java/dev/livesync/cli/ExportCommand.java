package dev.livesync.cli;

import dev.livesync.database.Database;
import dev.livesync.database.erasure.Erasures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description =
                "Prints every document as a line of JSON, sorted by id, its _id first; or writes all that is stored, with "
                        + "its history, as one CAR. A line says how many documents hold what JSON cannot carry.")
final class ExportCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    private final LongOutput output = new LongOutput();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Option(
            names = "--car",
            paramLabel = "FILE",
            description =
                    "write a CAR instead, which import takes back; it replaces a file of that name only when it is whole")
    private @Nullable Path car;

    ExportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public List<Path> writes() {
        return car == null ? List.of() : List.of(car);
    }

    @Override
    public Integer call() throws IOException {
        try (DatabaseUse use = Databases.read(console, directory)) {
            Database database = use.database();
            if (car != null) {
                CarExport.write(database, car, console, output);
                return 0;
            }
            String lost;
            try (Progress progress = Progress.start(
                    console,
                    output,
                    "exporting",
                    "documents",
                    database.summary().documents())) {
                long[] done = {0};
                JsonLosses losses = new JsonLosses();
                database.forEach(document -> {
                    if (document.id().startsWith(Erasures.IDS)) {
                        return; // import would refuse it; --car has it
                    }
                    losses.look(document);
                    console.print(JsonOutput.document(document) + "\n");
                    progress.to(++done[0]);
                    if (done[0] % 1_000 == 0) {
                        console.flush(); // ends here if nobody reads any more
                    }
                });
                console.flush();
                lost = losses.message();
            }
            if (!lost.isEmpty()) {
                console.note(lost);
            }
        }
        return 0;
    }
}
