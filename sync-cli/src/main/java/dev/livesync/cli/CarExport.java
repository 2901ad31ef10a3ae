package dev.livesync.cli;

import dev.livesync.api.replica.Summary;
import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes everything that a database stores as one CAR, and prints the result. */
final class CarExport {
    private CarExport() {}

    static void write(Database database, Path file, Console console, Output output) throws IOException {
        Summary written;
        try (Progress progress = Progress.start(
                console, output, "exporting", "blocks", database.summary().blocks())) {
            written = database.backup(file, (done, total) -> {
                progress.total(total);
                progress.to(done);
            });
        }
        long bytes = Files.size(file);
        console.result(
                output.json
                        ? JsonOutput.object("file", file.toString(), "blocks", written.blocks(), "bytes", bytes)
                        : written.blocks() + " blocks, " + bytes + " bytes in " + file);
    }
}
