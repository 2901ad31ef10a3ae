package dev.livesync.api;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What an exception of the platform means, in words for a person. Many of them carry no message but a file's name, and their
 * sense is in the name of their class, which nobody should have to read.
 */
public final class Reason {
    /** As many as Linux follows. */
    private static final int MAX_LINKS = 40;

    private Reason() {}

    /**
     * Says why something failed. Where a file is at fault, this looks at the file system to tell a missing file from a missing folder
     * and from a link that leads nowhere; it changes nothing there. Any thread; may block as file systems do.
     *
     * @param failure what was thrown
     * @return half a sentence on one line, such as {@code permission denied: /data/list}; never empty, never the name of an
     *     exception's class
     */
    public static String of(Throwable failure) {
        Throwable cause = failure.getCause();
        if (cause != null
                && (failure instanceof UncheckedIOException
                        || failure instanceof ExecutionException
                        || failure instanceof CompletionException
                        || failure instanceof DirectoryIteratorException)) {
            return of(cause);
        }
        if (failure instanceof FileSystemException f) {
            return fileSystem(f);
        }
        if (failure instanceof FileNotFoundException) {
            return firstLine(failure, "no such file"); // the JDK's message has file and reason
        }
        if (failure instanceof InvalidPathException) {
            return "that is no name of a file: " + firstLine(failure, "it has characters that none can have");
        }
        if (failure instanceof CharacterCodingException) {
            return "it is not text in UTF-8";
        }
        if (failure instanceof EOFException) {
            return firstLine(failure, "it ends too early");
        }
        if (failure instanceof ClosedByInterruptException) {
            return "it was interrupted";
        }
        if (failure instanceof ClosedChannelException) {
            return "it was closed meanwhile";
        }
        if (failure instanceof UnknownHostException) {
            return "there is no host of the name " + firstLine(failure, "given");
        }
        if (failure instanceof UnresolvedAddressException) {
            return "there is no host of that name";
        }
        if (failure instanceof SocketTimeoutException) {
            return "it took too long";
        }
        return firstLine(failure, cause != null ? of(cause) : words(failure.getClass()));
    }

    private static String fileSystem(FileSystemException e) {
        Path path = path(e.getFile());
        Path parent = path == null ? null : path.toAbsolutePath().getParent();
        String name = e.getFile() == null ? "it" : e.getFile();
        if (e instanceof AccessDeniedException) {
            return "permission denied: " + name;
        }
        if (e instanceof FileSystemLoopException) {
            return "too many links";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "the folder " + name + " is not empty";
        }
        if (e instanceof NotDirectoryException) {
            return name + " is no folder";
        }
        if (e instanceof AtomicMoveNotSupportedException) {
            return "the file system cannot replace " + name + " in one step";
        }
        if (e instanceof NoSuchFileException || e instanceof FileAlreadyExistsException) {
            String link = path == null ? null : link(path);
            if (link != null) {
                return link;
            }
            if (e instanceof FileAlreadyExistsException) {
                return path != null && parent != null && Files.isRegularFile(path) && !Files.isDirectory(path)
                        ? "there is a file " + name + " already"
                        : name + " is there already";
            }
            String folder = parent == null ? null : missing(parent);
            return folder != null ? folder : "no such file: " + name;
        }
        String reason = e.getReason();
        if (reason != null && reason.contains("Not a directory") && parent != null) {
            String folder = missing(parent);
            return folder != null ? folder : name + " is no folder";
        }
        String link = path == null ? null : link(path);
        if (link != null) {
            return link;
        }
        return reason == null || reason.isBlank() ? words(e.getClass()) + ": " + name : oneLine(reason);
    }

    private static @Nullable Path path(@Nullable String name) {
        try {
            return name == null ? null : Paths.get(name);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** The uppermost folder that is not there, or is none; null if all are. */
    private static @Nullable String missing(Path folder) {
        Path absent = null;
        for (Path p = folder; p != null; p = p.getParent()) {
            if (Files.isDirectory(p)) {
                break;
            }
            String link = link(p);
            if (link != null) {
                return link;
            }
            if (Files.exists(p)) {
                return p + " is no folder";
            }
            absent = p;
        }
        return absent == null ? null : "there is no folder " + absent;
    }

    /** What is wrong with a link; null if it is none, or leads somewhere. */
    private static @Nullable String link(Path path) {
        if (!Files.isSymbolicLink(path) || Files.exists(path)) {
            return null;
        }
        Path at = path.toAbsolutePath();
        for (int links = 0; links <= MAX_LINKS; links++) {
            if (!Files.isSymbolicLink(at)) {
                return Files.exists(at, LinkOption.NOFOLLOW_LINKS) ? null : "the link " + path + " leads nowhere";
            }
            try {
                at = at.resolveSibling(Files.readSymbolicLink(at));
            } catch (IOException e) {
                return null; // the exception that is to be explained knows better
            }
        }
        return "too many links";
    }

    private static String firstLine(Throwable failure, String otherwise) {
        String message = failure.getMessage();
        Throwable cause = failure.getCause();
        if (message == null || message.isBlank() || cause != null && message.equals(cause.toString())) {
            return otherwise;
        }
        return oneLine(message);
    }

    private static String oneLine(String text) {
        return text.strip().split("[\r\n]", 2)[0];
    }

    /** The last resort: "ReadOnlyFileSystemException" becomes "read only file system". */
    private static String words(Class<?> type) {
        String name = type.getSimpleName().isEmpty() ? "an unknown failure" : type.getSimpleName();
        return name.replaceAll("(Exception|Error)$", "")
                .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                .toLowerCase(Locale.ROOT)
                .strip();
    }
}
