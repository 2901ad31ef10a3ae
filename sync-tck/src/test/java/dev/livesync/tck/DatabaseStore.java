package dev.livesync.tck;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Replicated;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The embedded database in memory, or in a directory. */
final class DatabaseStore implements ReplicaStore {
    private static final DatabaseOptions OPTIONS = DatabaseOptions.builder()
            .pendingBytesPerPeer(1 << 18)
            .cacheBytes(0) // so that damage is read
            .build();

    private final @Nullable Path parent;
    private @Nullable Path directory;
    private @Nullable Database database;
    private int copies;

    private DatabaseStore(@Nullable Path parent) {
        this.parent = parent;
        this.directory = parent == null ? null : parent.resolve("database");
    }

    static DatabaseStore inMemory() {
        return new DatabaseStore(null);
    }

    /** In a new directory below one that is there. */
    static DatabaseStore inDirectory(Path parent) throws IOException {
        return new DatabaseStore(Files.createTempDirectory(parent, "store"));
    }

    @Override
    public Replicated open() {
        Database opened = directory == null ? Database.inMemory(OPTIONS) : Database.open(directory, OPTIONS);
        database = opened;
        return opened;
    }

    @Override
    public void close() {
        if (database != null) {
            database.close();
        }
    }

    @Override
    public long pendingBytesPerPeer() {
        return OPTIONS.pendingBytesPerPeer();
    }

    @Override
    public Set<StoreFeature> features() {
        return directory == null ? Set.of() : Set.of(StoreFeature.RESTART, StoreFeature.CRASH, StoreFeature.DAMAGE);
    }

    /** As kill -9: what the files hold right now is what is left. */
    @Override
    public void crash() throws IOException {
        Path from = java.util.Objects.requireNonNull(directory);
        Path to = java.util.Objects.requireNonNull(parent).resolve("copy-" + copies++);
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, to.resolve(from.relativize(file)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        close();
        directory = to;
    }

    @Override
    public void damage(Cid block) throws IOException {
        Database open = java.util.Objects.requireNonNull(database);
        byte[] content;
        try (var snapshot = open.replica().snapshot()) {
            content = java.util.Objects.requireNonNull(snapshot.block(block)).toByteArray();
        }
        try (Stream<Path> files = Files.walk(java.util.Objects.requireNonNull(directory))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                int at = indexOf(Files.readAllBytes(file), content);
                if (at >= 0) {
                    try (var channel =
                            java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
                        byte flipped = (byte) (content[content.length / 2] ^ 1);
                        channel.write(java.nio.ByteBuffer.wrap(new byte[] {flipped}), at + content.length / 2);
                    }
                    return;
                }
            }
        }
        throw new IOException("block " + block + " is in no file as it is");
    }

    private static int indexOf(byte[] in, byte[] what) {
        for (int i = 0; i + what.length <= in.length; i++) {
            if (java.util.Arrays.equals(in, i, i + what.length, what, 0, what.length)) {
                return i;
            }
        }
        return -1;
    }
}
