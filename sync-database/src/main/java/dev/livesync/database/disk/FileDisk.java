package dev.livesync.database.disk;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A directory of the file system: locked, or to be read only. */
public final class FileDisk implements Disk {
    /** The name of the file whose lock keeps others out; it has no content. */
    public static final String LOCK = "livesync.lock";

    private final Path directory;
    /** Null if it is to be read only. */
    private final @Nullable DirectoryLock lock;

    private FileDisk(Path directory, @Nullable DirectoryLock lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Takes a directory for this process alone.
     *
     * @param directory an existing directory
     * @return the disk
     * @throws IOException if the system refuses
     * @throws dev.livesync.api.SyncException {@link dev.livesync.api.ErrorKind#IN_USE} if somebody has it open
     */
    public static FileDisk lock(Path directory) throws IOException {
        return new FileDisk(directory, Interrupts.shield(() -> DirectoryLock.acquire(directory, LOCK)));
    }

    /**
     * Looks at a directory that others may write. Takes no lock, and refuses to write anything.
     *
     * @param directory an existing directory
     * @return the disk; files that are open stay readable after somebody else has removed them
     */
    public static FileDisk readOnly(Path directory) {
        return new FileDisk(directory, null);
    }

    /**
     * Waits for a lock of somebody else's kind, which keeps out whoever takes that one, too.
     *
     * @param file made if there is none
     * @return gives the lock back
     * @throws IOException if the system refuses
     * @throws SyncException {@link ErrorKind#IN_USE} if this process has it
     */
    public static Closeable hold(Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                OwnerOnly.file(file));
        boolean locked = false;
        try {
            var unused = channel.lock();
            locked = true;
            return channel;
        } catch (OverlappingFileLockException e) {
            throw new SyncException(ErrorKind.IN_USE, file + " is held by this process; try again", e);
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    /** Refuses to write on a disk that was opened for reading. */
    private void requireWritable() throws IOException {
        if (lock == null) {
            throw new FileSystemException(directory.toString(), null, "it is open to be read only");
        }
        lock.requireHeld();
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(p -> p.getFileName().toString()).toList();
        }
    }

    @Override
    public DiskFile open(String name) throws IOException {
        Path path = directory.resolve(name);
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            // Opening a FIFO would wait for somebody at its other end.
            throw new FileSystemException(path.toString(), null, name + " is no ordinary file");
        }
        return lock == null
                ? new ChannelFile(path, StandardOpenOption.READ)
                : new ChannelFile(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public DiskFile create(String name) throws IOException {
        requireWritable();
        return new ChannelFile(
                directory.resolve(name),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE_NEW);
    }

    @Override
    public void delete(String name) throws IOException {
        requireWritable();
        Files.deleteIfExists(directory.resolve(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        requireWritable();
        Files.move(
                directory.resolve(from),
                directory.resolve(to),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void sync() throws IOException {
        syncDirectory(directory);
    }

    /**
     * Makes the entries of a directory durable, where the system has a way to.
     *
     * @param directory which
     * @throws IOException if the system refuses
     */
    public static void syncDirectory(Path directory) throws IOException {
        if (System.getProperty("os.name", "").startsWith("Windows")) {
            return; // a directory cannot be opened there, and NTFS journals its entries
        }
        Interrupts.shield(() -> {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
                return channel;
            }
        });
    }

    @Override
    public String describe(String name) {
        return directory.resolve(name).toString();
    }

    @Override
    public void close() throws IOException {
        if (lock != null) {
            lock.close();
        }
    }

    /**
     * A file channel that survives interrupts. Interrupting a thread inside {@link FileChannel} closes the channel for
     * everybody; a user who interrupts a reader must not end the database, so the file is opened again and the operation,
     * which is positional and hence repeatable, done over. The interrupt stays set.
     */
    private final class ChannelFile implements DiskFile {
        /** The JDK keeps a direct buffer per thread as large as the largest transfer: keep those small. */
        private static final int SLICE = 1 << 16;

        private final Path path;
        private volatile FileChannel channel;
        private volatile boolean closed;

        ChannelFile(Path path, StandardOpenOption... options) throws IOException {
            this.path = path;
            this.channel = FileChannel.open(path, Set.of(options), OwnerOnly.file(path));
        }

        private interface FileOperation {
            long on(FileChannel channel) throws IOException;
        }

        private long run(FileOperation operation) throws IOException {
            return Interrupts.shield(() -> {
                while (true) {
                    FileChannel now = channel;
                    try {
                        return operation.on(now);
                    } catch (ClosedByInterruptException e) {
                        reopen(now);
                        throw e;
                    } catch (ClosedChannelException e) {
                        reopen(now); // somebody else was interrupted
                    }
                }
            });
        }

        private synchronized void reopen(FileChannel broken) throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            if (channel == broken) {
                channel = lock == null
                        ? FileChannel.open(path, StandardOpenOption.READ)
                        : FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            }
        }

        @Override
        public long size() throws IOException {
            return run(FileChannel::size);
        }

        @Override
        public int read(long position, ByteBuffer target) throws IOException {
            int start = target.position();
            int limit = target.limit();
            while (target.position() < limit) {
                long at = position + target.position() - start;
                int from = target.position();
                long n = run(c -> {
                    target.position(from).limit(Math.min(limit, from + SLICE));
                    return c.read(target, at);
                });
                target.limit(limit);
                if (n < 0) {
                    break;
                }
            }
            int total = target.position() - start;
            return total == 0 && start < limit ? -1 : total;
        }

        @Override
        public void write(long position, ByteBuffer source) throws IOException {
            requireWritable();
            int start = source.position();
            int limit = source.limit();
            while (source.position() < limit) {
                long at = position + source.position() - start;
                int from = source.position();
                run(c -> {
                    source.position(from).limit(Math.min(limit, from + SLICE));
                    return c.write(source, at);
                });
                source.limit(limit);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            requireWritable();
            run(c -> c.truncate(size).size());
        }

        @Override
        public void force() throws IOException {
            run(c -> {
                c.force(false);
                return 0;
            });
            if (lock != null) {
                lock.requireHeld(); // again: what is durable now is acknowledged next
            }
        }

        @Override
        public synchronized void close() throws IOException {
            closed = true;
            channel.close();
        }
    }
}
