package dev.livesync.database;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.car.CarSeal;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Events;
import dev.livesync.database.disk.FileDisk;
import dev.livesync.database.disk.StorageFailures;
import dev.livesync.database.maintenance.ProgressListener;
import dev.livesync.database.pieces.PieceBlocks;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes all blocks of a snapshot as one CAR: complete events, parents before children, then everything else, the event that became
 * complete last, and a {@link CarSeal}. Among the rest are the blocks of attachments. That event is a root, so whoever knows no seals misses it in a CAR that was cut off.
 */
final class Backup {
    private static final int BUFFER = 1 << 16;

    private final Snapshot snapshot;
    private final @Nullable PieceBlocks pieces;
    private final Set<Cid> without;
    private final ProgressListener listener;
    private final CarSeal seal = new CarSeal();
    private long blocks;
    private List<Cid> names = List.of();

    private Backup(Snapshot snapshot, @Nullable PieceBlocks pieces, Set<Cid> without, ProgressListener listener) {
        this.snapshot = snapshot;
        this.pieces = pieces;
        this.without = without;
        this.listener = listener;
    }

    /** Writes a snapshot, and all pieces but some, where there are any, to a stream, which is neither buffered nor flushed nor closed here. */
    static Summary write(
            Snapshot snapshot,
            @Nullable PieceBlocks pieces,
            Set<Cid> without,
            OutputStream out,
            ProgressListener listener)
            throws IOException {
        new Backup(snapshot, pieces, without, listener).write(out);
        return snapshot.summary();
    }

    /** Writes a snapshot to a file, which is there when it is whole and durable; until then what was there stays. */
    static Summary write(
            Snapshot snapshot, @Nullable PieceBlocks pieces, Set<Cid> without, Path file, ProgressListener listener) {
        Path target = file.toAbsolutePath();
        Path directory = target.getParent();
        // A device or a pipe would be replaced, too: nobody who names /dev/null means that.
        if (directory == null || Files.exists(target) && !Files.isRegularFile(target)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "not a file: " + file);
        }
        try {
            Path partial = Files.createTempFile(directory, ".livesync", ".car");
            try {
                Summary written;
                try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE);
                        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER)) {
                    written = write(snapshot, pieces, without, out, listener);
                    out.flush();
                    channel.force(true);
                }
                Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                FileDisk.syncDirectory(directory);
                return written;
            } finally {
                Files.deleteIfExists(partial);
            }
        } catch (IOException e) {
            throw StorageFailures.storage("cannot write " + file, e);
        }
    }

    private void write(OutputStream out) throws IOException {
        Cid end = end();
        names = pieces();
        if (end == null) {
            new CarWriter(out, List.of());
            return;
        }
        List<Cid> heads = snapshot.heads();
        CarWriter car = new CarWriter(out, heads.isEmpty() ? List.of(end) : heads);
        for (Iterator<Cid> events = snapshot.eventsSince(List.of()); events.hasNext(); ) {
            Cid event = events.next();
            if (!event.equals(end)) {
                write(car, stored(event));
            }
        }
        for (Iterator<Cid> all = snapshot.storedCids(); all.hasNext(); ) {
            Cid cid = all.next();
            Block block = stored(cid);
            boolean written = Events.looksLikeEvent(block) && snapshot.isComplete(cid);
            if (!written && !cid.equals(end)) {
                write(car, block);
            }
        }
        writePieces(car);
        write(car, stored(end));
        car.write(seal.block());
    }

    private List<Cid> pieces() {
        List<Cid> all = new ArrayList<>();
        if (pieces != null) {
            pieces.forEach(cid -> {
                if (!without.contains(cid)) {
                    all.add(cid);
                }
            });
        }
        return all;
    }

    /** The blocks of attachments. One that a sweep has removed meanwhile is one that nobody named. */
    private void writePieces(CarWriter car) throws IOException {
        if (pieces == null) {
            return;
        }
        for (Cid cid : names) {
            Block block = pieces.read(cid);
            if (block != null && snapshot.size(cid) < 0) {
                write(car, block);
            }
        }
    }

    /** The last complete event; without any, one that waits; null if there is no event at all, and hence nothing to save. */
    private @Nullable Cid end() {
        Cid end = null;
        for (Iterator<Cid> events = snapshot.eventsSince(List.of()); events.hasNext(); ) {
            end = events.next();
        }
        if (end == null && snapshot.summary().pending() > 0) {
            for (Iterator<Cid> all = snapshot.storedCids(); all.hasNext(); ) {
                Cid cid = all.next();
                end = Events.looksLikeEvent(stored(cid)) ? cid : end;
            }
        }
        return end;
    }

    private void write(CarWriter car, Block block) throws IOException {
        car.write(block);
        seal.add(block.cid());
        listener.progress(++blocks, Math.max(blocks, snapshot.summary().blocks() + names.size()));
    }

    private Block stored(Cid cid) {
        Block block = snapshot.block(cid);
        if (block == null) {
            throw new SyncException(ErrorKind.CORRUPT, "block " + cid + " is listed but not stored (see verify)");
        }
        return block;
    }
}
