package dev.livesync.database.disk;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One owner per directory. The operating system's lock keeps other processes out and goes with its process, however that
 * ends. This process is kept out by a registry that is asked first: on POSIX systems closing <em>any</em> channel on the lock
 * file would give up the lock, so a second opener must not touch the file.
 *
 * <p>A lock is on a file, not on its name: whoever removes the file lets the next process in. So the owner looks before each write, and
 * again before he acknowledges it, whether the name still leads to his file. If it leads nowhere, he takes it again; if it leads elsewhere, somebody else may be the owner, and he writes no more.
 */
final class DirectoryLock implements Closeable {
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();
    private static final int ATTEMPTS = 10;

    private final Path directory;
    private final Path file;
    // Guarded by this.
    private Held held;
    private boolean lost;

    /** A lock and its file's key, by which the system identifies files; null where it has none. */
    private record Held(FileChannel channel, @Nullable Object key) {}

    private DirectoryLock(Path directory, Path file, Held held) {
        this.directory = directory;
        this.file = file;
        this.held = held;
    }

    static DirectoryLock acquire(Path directory, String name) throws IOException {
        Path real = directory.toRealPath();
        if (!HELD.add(real)) {
            throw inUse(directory, "this process has");
        }
        boolean locked = false;
        try {
            Path file = real.resolve(name);
            Held held = null;
            for (int i = 0; held == null && i < ATTEMPTS; i++) {
                held = tryTake(directory, file);
            }
            if (held == null) {
                throw inUse(directory, "another process has");
            }
            locked = true;
            return new DirectoryLock(real, file, held);
        } finally {
            if (!locked) {
                HELD.remove(real);
            }
        }
    }

    /** Tries to lock the file; null if it was replaced meanwhile. */
    private static @Nullable Held tryTake(Path directory, Path file) throws IOException {
        BasicFileAttributes before = attributes(file);
        if (before != null && !before.isRegularFile()) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, file + " is no ordinary file, so it cannot keep others out; remove it");
        }
        try {
            return take(
                    directory,
                    file,
                    before,
                    StandardOpenOption.WRITE,
                    before == null ? StandardOpenOption.CREATE_NEW : StandardOpenOption.CREATE,
                    LinkOption.NOFOLLOW_LINKS);
        } catch (FileAlreadyExistsException e) {
            return null;
        }
    }

    private static @Nullable Held take(
            Path directory, Path file, @Nullable BasicFileAttributes before, OpenOption... options) throws IOException {
        FileChannel channel = FileChannel.open(file, Set.of(options), OwnerOnly.file(file));
        boolean locked = false;
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(directory, "another process has");
            }
            BasicFileAttributes now = attributes(file);
            locked = now != null && (before == null || Objects.equals(before.fileKey(), now.fileKey()));
            return locked && now != null ? new Held(channel, now.fileKey()) : null;
        } catch (OverlappingFileLockException e) {
            throw inUse(directory, "this process has");
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    /** Reads the file's attributes; null if there is no such file. */
    private static @Nullable BasicFileAttributes attributes(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * Refuses to go on if somebody else may be the owner.
     *
     * @throws SyncException {@link ErrorKind#IN_USE}, from then on always
     */
    synchronized void requireHeld() throws IOException {
        if (!lost) {
            BasicFileAttributes now = attributes(file);
            if (now == null) {
                lost = !takeAgain();
            } else {
                lost = !now.isRegularFile() || !Objects.equals(now.fileKey(), held.key);
            }
        }
        if (lost) {
            throw new SyncException(
                    ErrorKind.IN_USE,
                    file
                            + " was removed or replaced while the database was open, so another process may have it open, too; "
                            + "nothing more is written here: close it, and open it again when nobody else has");
        }
    }

    private boolean takeAgain() throws IOException {
        try {
            Optional<Held> again = Interrupts.shield(() -> Optional.ofNullable(tryTake(directory, file)));
            if (again.isEmpty()) {
                return false;
            }
            held.channel.close();
            held = again.get();
            return true;
        } catch (SyncException e) {
            return false;
        }
    }

    private static SyncException inUse(Path directory, String who) {
        return new SyncException(
                ErrorKind.IN_USE,
                "database " + directory + " is in use: " + who
                        + " it open; close it there first, or use another directory");
    }

    @Override
    public synchronized void close() throws IOException {
        if (held.channel.isOpen()) {
            try {
                held.channel.close();
            } finally {
                HELD.remove(directory);
            }
        }
    }
}
