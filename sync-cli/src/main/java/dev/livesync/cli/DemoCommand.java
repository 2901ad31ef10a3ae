package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        mixinStandardHelpOptions = true,
        description =
                "Syncs two databases in temporary directories over a WebSocket on this machine: real records, live changes "
                        + "both ways, a conflict and a delete made while apart. Exit code 0 only if both end up equal, heads and every "
                        + "document.")
final class DemoCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description =
                    "records to use, JSON Lines or one JSON array, with a text or a whole number in _id or none; by default "
                            + "the time zones of the tz database (public domain)")
    private @Nullable String file;

    DemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Path directory = Files.createTempDirectory("livesync-demo");
        try (Database a = Database.open(directory.resolve("a"));
                Database b = Database.open(directory.resolve("b"))) {
            long records = fill(a);
            if (records == 0) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, file + " has no records");
            }
            Demo.Result result = new Demo(a, b, console).run();
            report(records, result);
        } finally {
            delete(directory);
        }
        return 0;
    }

    private long fill(Database database) throws IOException {
        if (file == null) {
            List<Document> zones = Zones.shipped();
            database.write(batch -> zones.forEach(batch::put));
            return zones.size();
        }
        try (InputFile input = InputFile.open(file, console)) {
            IdRule ids = IdRule.standard(() -> UUID.randomUUID().toString());
            if (input.format() != InputFile.Format.JSON) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, file + " is a CAR; the demo takes records as JSON");
            }
            return new RecordImport(
                            database, input.name(), false, console, new Acknowledge(console, output, false), n -> {})
                    .run(new JsonRecords(input.text(), ids))
                    .stored();
        }
    }

    private void report(long records, Demo.Result result) {
        if (output.json) {
            console.result(JsonOutput.object(
                    "equal", true,
                    "source", file == null ? "zone1970.tab of the tz database" : file,
                    "records", records,
                    "documents", result.a().documents(),
                    "headsA", result.a().heads(),
                    "headsB", result.b().heads(),
                    "sha256", result.a().digest(),
                    "bytes", result.bytes(),
                    "milliseconds", result.nanos() / 1_000_000));
            return;
        }
        console.print("synced   " + records + " records ("
                + (file == null ? "the tz database's table of time zones, public domain" : file)
                + "), then live puts both ways,\n         a conflict on \"" + result.conflict()
                + "\" and a delete of \"" + result.deleted() + "\" made while apart\n");
        print("A", result.a());
        print("B", result.b());
        console.result("bytes    " + result.bytes() + " in both directions\ntime     " + result.nanos() / 1_000_000
                + " ms\nequal    documents and heads");
    }

    private void print(String name, Fingerprint side) {
        console.print(name + "        " + side.documents() + " documents, head " + String.join(", ", side.heads())
                + "\n         sha-256 of its export " + side.digest() + "\n");
    }

    private static void delete(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(directory)) {
            files = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : files) {
            Files.delete(path);
        }
    }
}
