package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Summary;
import dev.livesync.cli.control.FileAccess;
import dev.livesync.database.Database;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes everything that a database stores as one CAR, and prints the result. */
final class CarExport {
    private CarExport() {}

    static void write(Database database, Path file, Console console, Output output) throws IOException {
        if (!console.files().isLocal()) {
            writeThere(database, file, console, output);
            return;
        }
        Summary written;
        try (Progress progress = Progress.start(
                console, output, "exporting", "blocks", database.summary().blocks())) {
            written = database.backup(file, (done, total) -> {
                progress.total(total);
                progress.to(done);
            });
        }
        report(file, written, Files.size(file), console, output);
    }

    /** Writes it in the process that has given the command. */
    private static void writeThere(Database database, Path file, Console console, Output output) throws IOException {
        Summary written;
        long bytes;
        try (Progress progress = Progress.start(console, output, "exporting", "bytes", -1);
                FileAccess.TargetFile target = create(file, console)) {
            Counting counting = new Counting(target.stream(), progress);
            written = database.backup(counting);
            target.keep();
            bytes = counting.count;
        }
        report(file, written, bytes, console, output);
    }

    private static FileAccess.TargetFile create(Path file, Console console) throws IOException {
        try {
            return console.files().create(file, true);
        } catch (SyncException e) {
            if (e.kind() == ErrorKind.INVALID_ARGUMENT) {
                throw e;
            }
            throw new SyncException(ErrorKind.STORAGE, "cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static void report(Path file, Summary written, long bytes, Console console, Output output) {
        console.result(
                output.json
                        ? JsonOutput.object("file", file.toString(), "blocks", written.blocks(), "bytes", bytes)
                        : written.blocks() + " blocks, " + bytes + " bytes in " + file);
    }

    /** Counts what passes. */
    private static final class Counting extends FilterOutputStream {
        private final Progress progress;
        private long count;

        Counting(OutputStream out, Progress progress) {
            super(out);
            this.progress = progress;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            progress.to(++count);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            count += length;
            progress.to(count);
        }
    }
}
