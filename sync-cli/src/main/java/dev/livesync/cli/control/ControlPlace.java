package dev.livesync.cli.control;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where a database's control socket is: in a folder of its own in the directory, which only its owner can enter. So nobody else reaches the socket, not even
 * in the moment before it has its permissions.
 *
 * <p>The name of a socket has at most 107 bytes (103 on macOS). Where the directory's is longer, it is bound and found through a link in a private temporary
 * folder, which is there only for that moment: so a client needs to find nothing but the directory.
 */
final class ControlPlace {
    static final String FOLDER = "livesync.control";
    private static final String SOCKET = "socket";
    private static final int MAX_NAME_BYTES = 103;

    private final Path folder;
    private final Path socket;

    ControlPlace(Path directory) {
        folder = directory.resolve(FOLDER);
        socket = folder.resolve(SOCKET);
    }

    /** Opens a socket; for whoever has the directory's lock, since a socket that is there is taken to be one that was left behind. */
    ServerSocketChannel bind() throws IOException {
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(folder + " is no folder; remove it");
            }
        } else {
            Files.createDirectory(folder, ownerOnly(folder));
        }
        restrict(folder, "rwx------");
        Files.deleteIfExists(socket);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean bound = false;
        try {
            atShortName(name -> server.bind(UnixDomainSocketAddress.of(name)));
            restrict(socket, "rw-------");
            bound = true;
            return server;
        } finally {
            if (!bound) {
                server.close();
            }
        }
    }

    /** Whether somebody has opened a socket here, and perhaps left it behind. */
    boolean isThere() {
        return Files.exists(socket, LinkOption.NOFOLLOW_LINKS)
                || Files.isDirectory(folder) && !Files.isReadable(folder);
    }

    SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        boolean connected = false;
        try {
            atShortName(name -> channel.connect(UnixDomainSocketAddress.of(name)));
            connected = true;
            return channel;
        } finally {
            if (!connected) {
                channel.close();
            }
        }
    }

    void remove() throws IOException {
        Files.deleteIfExists(socket);
        Files.deleteIfExists(folder);
    }

    Path folder() {
        return folder;
    }

    private interface NameUse {
        void with(Path name) throws IOException;
    }

    private void atShortName(NameUse use) throws IOException {
        if (isShort(socket)) {
            use.with(socket);
            return;
        }
        Path temporary = Files.createTempDirectory("ls");
        Path link = temporary.resolve("d");
        try {
            Path name = link.resolve(SOCKET);
            if (!isShort(name)) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "the names of " + folder + " and of the folder for temporary files are too long for a socket; "
                                + "name another folder with -Djava.io.tmpdir");
            }
            Files.createSymbolicLink(link, folder.toRealPath());
            use.with(name);
        } finally {
            Files.deleteIfExists(link);
            Files.deleteIfExists(temporary);
        }
    }

    private static boolean isShort(Path name) {
        return name.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
    }

    private static void restrict(Path path, String permissions) throws IOException {
        if (hasPermissions(path)) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path path) {
        return hasPermissions(path)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    private static boolean hasPermissions(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
