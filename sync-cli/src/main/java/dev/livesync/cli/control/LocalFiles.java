package dev.livesync.cli.control;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The files of this process. */
public final class LocalFiles implements FileAccess {
    private static final int BUFFER = 1 << 16;

    /** Creates access to the files of this process. */
    public LocalFiles() {}

    @Override
    public boolean isLocal() {
        return true;
    }

    @Override
    public SourceFile open(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "not a file but a directory: " + file);
        }
        return new SourceFile(Files.newInputStream(file), Files.isRegularFile(file) ? Files.size(file) : -1);
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public TargetFile create(Path file, boolean replace) throws IOException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        // A device or a pipe would be replaced, too: nobody who names /dev/null means that.
        if (folder == null || Files.exists(target) && !Files.isRegularFile(target)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "not a file: " + file);
        }
        return new Partial(file, target, Files.createTempFile(folder, ".livesync", ".part"), replace);
    }

    /** A file under another name until it is whole. */
    private static final class Partial implements TargetFile {
        private final Path name;
        private final Path target;
        private final Path partial;
        private final boolean replace;
        private final FileChannel channel;
        private final OutputStream stream;

        Partial(Path name, Path target, Path partial, boolean replace) throws IOException {
            this.name = name;
            this.target = target;
            this.partial = partial;
            this.replace = replace;
            this.channel = FileChannel.open(partial, StandardOpenOption.WRITE);
            this.stream = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        }

        @Override
        public OutputStream stream() {
            return stream;
        }

        @Override
        public void keep() throws IOException {
            stream.flush();
            channel.force(true);
            if (replace) {
                Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } else {
                move();
            }
            Path folder = target.getParent();
            if (folder != null) {
                force(folder);
            }
        }

        private void move() throws IOException {
            try {
                Files.move(partial, target);
            } catch (FileAlreadyExistsException e) {
                throw new SyncException(
                        ErrorKind.INVALID_ARGUMENT, name + " appeared meanwhile; --force replaces it", e);
            }
        }

        /** Makes the new name durable where the system can open a folder. */
        private static void force(Path folder) {
            try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
                names.force(true);
            } catch (IOException e) {
                // Windows has no such thing.
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Files.deleteIfExists(partial);
        }
    }
}
