package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Says of a directory that its documents are in a store, so that no command takes it for an empty database; and keeps other processes out of it while a hub serves it, by the lock that a database in a
 * directory has. The first stays, the second goes with the process.
 */
final class StoreMark implements AutoCloseable {
    static final String FILE = "livesync.store";
    private static final String LOCK = "livesync.lock";

    /** Asked before the file is touched: on POSIX, closing any channel on it gives the lock up. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel lock;

    private StoreMark(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Takes a directory for this process.
     *
     * @param directory made if there is none
     * @param place where the documents are, in a few words
     * @throws SyncException {@link ErrorKind#IN_USE}, {@link ErrorKind#CONFIGURATION} if the directory has documents of its own, {@link ErrorKind#STORAGE}
     */
    static StoreMark take(Path directory, String place) {
        try {
            Files.createDirectories(directory);
            Path real = directory.toRealPath();
            if (!HELD.add(real)) {
                throw inUse(directory);
            }
            boolean taken = false;
            try {
                FileChannel lock = lock(directory, real.resolve(LOCK));
                requireNoDocuments(directory, place, lock);
                Files.writeString(real.resolve(FILE), place + "\n");
                taken = true;
                return new StoreMark(real, lock);
            } finally {
                if (!taken) {
                    HELD.remove(real);
                }
            }
        } catch (IOException e) {
            throw new SyncException(ErrorKind.STORAGE, "cannot use " + directory + ": " + Reason.of(e), e);
        }
    }

    /** Whoever moves a hub to a store would miss what is in the files, and nobody would tell him. */
    private static void requireNoDocuments(Path directory, String place, FileChannel lock) throws IOException {
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(directory, "segment-*.log")) {
            if (segments.iterator().hasNext()) {
                lock.close();
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        directory + " has documents of its own, which are not in " + place
                                + ": give the hub another directory, and dial the hub with this one to bring them there");
            }
        }
    }

    private static FileChannel lock(Path directory, Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, LinkOption.NOFOLLOW_LINKS));
        boolean locked = false;
        try {
            locked = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            throw new SyncException(ErrorKind.IN_USE, "database " + directory + " is open in this process", e);
        } finally {
            if (!locked) {
                channel.close();
            }
        }
        if (!locked) {
            throw inUse(directory);
        }
        return channel;
    }

    private static SyncException inUse(Path directory) {
        return new SyncException(
                ErrorKind.IN_USE,
                directory
                        + " is in use by a hub that serves it, or by another command; each hub has a directory of its own");
    }

    /**
     * Refuses a directory whose documents are in a store.
     *
     * @throws SyncException {@link ErrorKind#UNSUPPORTED}, saying where they are
     */
    static void refuse(Path directory) {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) { // or nobody can tell: whoever opens the directory says why
            return;
        }
        String place;
        try {
            place = Files.readString(file).strip();
        } catch (IOException e) {
            place = "a store";
        }
        throw new SyncException(
                ErrorKind.UNSUPPORTED,
                "the documents of " + directory + " are in " + place
                        + ", not in files: start serve, which runs commands on them; forget, verify and watch --all need files");
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            // It goes with the process.
        } finally {
            HELD.remove(directory);
        }
    }
}
