package dev.livesync.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** Warns of files with secrets that others on this machine can read. Such a file is used all the same, since some systems mount secrets so. */
final class OtherReaders {
    private static final Set<PosixFilePermission> OWNERS =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private OtherReaders() {}

    /** Warns if others can read a file. */
    static void warn(Console console, Path file) throws IOException {
        if (Files.isRegularFile(file)
                && file.getFileSystem().supportedFileAttributeViews().contains("posix")
                && !OWNERS.containsAll(Files.getPosixFilePermissions(file))) {
            console.note("warning: others can use the secret in " + file + "; to keep it yours: chmod 600 " + file);
        }
    }
}
