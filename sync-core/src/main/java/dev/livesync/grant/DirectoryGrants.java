package dev.livesync.grant;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Subscription;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Grants in a file. A change is written beside it and takes its place, under a lock that all processes respect; whoever reads needs no lock.
 * The file is read again whenever it has become another.
 */
final class DirectoryGrants implements Grants {
    static final String FILE = "livesync.grants";
    static final String LOCK = "livesync.grants.lock";
    private static final int MAX_BYTES = 4 << 20;

    /** Locks of files are a process's, not a thread's. */
    private static final Object PROCESS = new Object();

    /** What tells one version of the file from another. */
    private record Version(@Nullable Object key, FileTime time, long bytes) {}

    private record Content(@Nullable Version version, List<Grant> grants) {}

    private final Path file;
    private final Path lock;
    private final GrantListeners listeners = new GrantListeners();
    private volatile Content content = new Content(null, List.of());

    DirectoryGrants(Path directory) {
        file = directory.resolve(FILE);
        lock = directory.resolve(LOCK);
    }

    @Override
    public List<Grant> list() {
        try {
            return read();
        } catch (IOException e) {
            throw storage("read", e);
        }
    }

    @Override
    public void add(Grant grant) {
        change(grants -> GrantLists.with(grants, grant));
    }

    @Override
    public boolean revoke(String name) {
        return change(grants -> GrantLists.without(grants, name));
    }

    @Override
    public Subscription onChange(Runnable listener) {
        return listeners.add(listener);
    }

    private List<Grant> read() throws IOException {
        Version now = version();
        Content known = content;
        if (!Objects.equals(now, known.version())) {
            known = new Content(now, now == null ? List.of() : parse());
            content = known;
        }
        return known.grants();
    }

    private @Nullable Version version() throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
        if (!attributes.isRegularFile()) {
            throw new SyncException(ErrorKind.CONFIGURATION, file + " is no ordinary file, and is not read");
        }
        return new Version(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
    }

    private List<Grant> parse() throws IOException {
        if (hasPermissions()) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
            if (!PosixFilePermissions.fromString("rw-------").containsAll(permissions)) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "others than its owner can read " + file + " or write it ("
                                + PosixFilePermissions.toString(permissions)
                                + "), and it holds secrets: chmod 600 it, and"
                                + " give out new grants");
            }
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            throw new SyncException(ErrorKind.LIMIT_EXCEEDED, file + " is larger than " + MAX_BYTES + " bytes");
        }
        return GrantText.read(file.toString(), bytes);
    }

    /** Whether something has changed. */
    private boolean change(UnaryOperator<List<Grant>> change) {
        synchronized (PROCESS) {
            try (FileChannel channel = FileChannel.open(
                            lock, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), ownerOnly());
                    FileLock held = channel.lock()) {
                List<Grant> before = read();
                List<Grant> after = change.apply(before);
                if (!held.isValid() || after.equals(before)) {
                    return false;
                }
                write(GrantText.write(after));
            } catch (IOException e) {
                throw storage("write", e);
            }
        }
        listeners.changed();
        return true;
    }

    private void write(byte[] bytes) throws IOException {
        if (bytes.length > MAX_BYTES) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    file + " would be larger than " + MAX_BYTES + " bytes; revoke grants first");
        }
        Path whole = file.resolveSibling(FILE + ".new");
        Files.deleteIfExists(whole);
        try {
            try (FileChannel out = FileChannel.open(
                    whole, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly())) {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
                out.force(true);
            }
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            if (hasPermissions()) {
                // A grant that was revoked must not come back after a crash.
                try (FileChannel directory = FileChannel.open(lock.resolveSibling("."), StandardOpenOption.READ)) {
                    directory.force(true);
                }
            }
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    private boolean hasPermissions() {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private FileAttribute<?>[] ownerOnly() {
        return hasPermissions()
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private SyncException storage(String what, IOException e) {
        return new SyncException(ErrorKind.STORAGE, "cannot " + what + " " + file + ": " + Reason.of(e), e);
    }
}
