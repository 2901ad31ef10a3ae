package dev.livesync.cli;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Events;
import dev.livesync.database.Database;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.List;

/**
 * Writes everything that a database stores as one CAR: the heads as roots; first the complete events, parents before children, so
 * that a reader can store them as they come; then tree nodes and what is pending.
 */
final class CarExport {
    /** What was written. */
    record Result(long blocks, long bytes) {}

    private CarExport() {}

    static Result write(Database database, Path file, Console console, Output output) throws IOException {
        Path target = file.toAbsolutePath();
        Path directory = target.getParent();
        if (directory == null || Files.isDirectory(target)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "not a file: " + file);
        }
        Path partial = Files.createTempFile(directory, ".livesync", ".car");
        try {
            long blocks = write(database, partial, output, console);
            long bytes = Files.size(partial);
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return new Result(blocks, bytes);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private static long write(Database database, Path file, Output output, Console console) throws IOException {
        long blocks = 0;
        try (Snapshot snapshot = database.replica().snapshot();
                FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
                Progress progress = Progress.start(
                        console,
                        output,
                        "exporting",
                        "blocks",
                        snapshot.summary().blocks())) {
            CarWriter car = new CarWriter(out, snapshot.heads());
            for (Iterator<Cid> events = snapshot.eventsSince(List.of()); events.hasNext(); ) {
                car.write(stored(snapshot, events.next()));
                progress.to(++blocks);
            }
            for (Iterator<Cid> all = snapshot.storedCids(); all.hasNext(); ) {
                Cid cid = all.next();
                Block block = stored(snapshot, cid);
                if (Events.looksLikeEvent(block) && snapshot.event(cid) != null) {
                    continue; // written above
                }
                car.write(block);
                progress.to(++blocks);
            }
            out.flush();
            channel.force(true);
        }
        return blocks;
    }

    private static Block stored(Snapshot snapshot, Cid cid) {
        Block block = snapshot.block(cid);
        if (block == null) {
            throw new SyncException(ErrorKind.CORRUPT, "block " + cid + " is listed but not stored (see verify)");
        }
        return block;
    }
}
