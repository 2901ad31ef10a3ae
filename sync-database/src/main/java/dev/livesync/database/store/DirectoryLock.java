package dev.livesync.database.store;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One owner per directory. The operating system's lock keeps other processes out and goes with its process, however that
 * ends. This process is kept out by a registry that is asked first: on POSIX systems closing <em>any</em> channel on the lock
 * file would give up the lock, so a second opener must not touch the file.
 */
final class DirectoryLock implements Closeable {
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;

    private DirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    static DirectoryLock acquire(Path directory, String file) throws IOException {
        Path real = directory.toRealPath();
        if (!HELD.add(real)) {
            throw inUse(directory, "this process has");
        }
        FileChannel channel = null;
        boolean locked = false;
        try {
            channel = FileChannel.open(
                    real.resolve(file),
                    Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE),
                    OwnerOnly.file(real));
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(directory, "another process has");
            }
            locked = true;
            return new DirectoryLock(real, channel);
        } catch (OverlappingFileLockException e) {
            throw inUse(directory, "this process has");
        } finally {
            if (!locked) {
                HELD.remove(real);
                if (channel != null) {
                    channel.close();
                }
            }
        }
    }

    private static SyncException inUse(Path directory, String who) {
        return new SyncException(
                ErrorKind.IN_USE,
                "database " + directory + " is in use: " + who
                        + " it open; close it there first, or use another directory");
    }

    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            try {
                channel.close();
            } finally {
                HELD.remove(directory);
            }
        }
    }
}
