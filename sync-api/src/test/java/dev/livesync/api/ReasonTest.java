package dev.livesync.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReasonTest {
    @TempDir
    private Path directory;

    private static String thrown(Callable<?> attempt) {
        try {
            Object unexpected = attempt.call();
            throw new AssertionError("nothing was thrown, but there was " + unexpected);
        } catch (Exception e) {
            return Reason.of(e);
        }
    }

    @Test
    void whatIsMissing() {
        Path file = directory.resolve("f");
        assertThat(thrown(() -> Files.readString(file))).isEqualTo("no such file: " + file);
        Path deep = directory.resolve("no/such/folder/f");
        assertThat(thrown(() -> Files.readString(deep))).isEqualTo("there is no folder " + directory.resolve("no"));
    }

    @Test
    void linksThatDoNotLead() throws IOException {
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), Path.of("nowhere"));
        Path second = Files.createSymbolicLink(directory.resolve("second"), Path.of("dangling"));
        Path a = Files.createSymbolicLink(directory.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(directory.resolve("b"), directory.resolve("a"));
        assertThat(thrown(() -> Files.readString(dangling))).isEqualTo("the link " + dangling + " leads nowhere");
        assertThat(thrown(() -> Files.readString(second))).isEqualTo("the link " + second + " leads nowhere");
        assertThat(thrown(() -> Files.createDirectories(second))).isEqualTo("the link " + second + " leads nowhere");
        assertThat(thrown(() -> Files.readString(dangling.resolve("f"))))
                .isEqualTo("the link " + dangling + " leads nowhere");
        assertThat(thrown(() -> Files.readString(a))).isEqualTo("too many links");
        assertThat(thrown(() -> Files.createDirectories(a))).isEqualTo("too many links");
        assertThat(thrown(() -> Files.readString(a.resolve("f")))).isNotEmpty().doesNotContain("Exception");
    }

    @Test
    void whatIsThereAlready() throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "x");
        assertThat(thrown(() -> Files.createFile(file))).isEqualTo("there is a file " + file + " already");
        assertThat(thrown(() -> Files.createDirectory(directory))).isEqualTo(directory + " is there already");
        assertThat(thrown(() -> Files.readString(file.resolve("g")))).isEqualTo(file + " is no folder");
        assertThat(thrown(() -> Files.createDirectories(file.resolve("g")))).isEqualTo(file + " is no folder");
        assertThat(thrown(() -> {
                    try (DirectoryStream<Path> stream = Files.newDirectoryStream(file)) {
                        return stream;
                    }
                }))
                .isEqualTo(file + " is no folder");
        assertThat(thrown(() -> Files.readString(directory))).isEqualToIgnoringCase("is a directory");
        assertThat(thrown(() -> {
                    Files.delete(directory);
                    return "deleted";
                }))
                .isEqualTo("the folder " + directory + " is not empty");
        assertThat(thrown(() -> new FileInputStream(directory.resolve("none").toFile())))
                .contains(directory.resolve("none").toString());
    }

    static Stream<Exception> silent() {
        return Stream.of(
                new AccessDeniedException("f"),
                new NoSuchFileException("f"),
                new FileAlreadyExistsException("f"),
                new FileSystemLoopException("f"),
                new DirectoryNotEmptyException("f"),
                new NotDirectoryException("f"),
                new AtomicMoveNotSupportedException("f", "g", null),
                new FileSystemException("f"),
                new FileSystemException(null),
                new FileSystemException("f", null, "No space left on device"),
                new NoSuchFileException("a\0b"),
                new ReadOnlyFileSystemException(),
                new ClosedChannelException(),
                new EOFException(),
                new MalformedInputException(1),
                new SocketTimeoutException(),
                new UnknownHostException("nowhere.example"),
                new UnresolvedAddressException(),
                new IOException(),
                new IOException((String) null),
                new IOException(" "),
                new IOException(new AccessDeniedException("f")),
                new UncheckedIOException(new AccessDeniedException("f")),
                new ExecutionException(new AccessDeniedException("f")),
                new IOException() {
                    private static final long serialVersionUID = 1L;
                });
    }

    @ParameterizedTest
    @MethodSource("silent")
    void neverTheNameOfAClass(Exception e) {
        assertThat(Reason.of(e))
                .isNotBlank()
                .hasLineCount(1)
                .doesNotContainPattern("[a-z](Exception|Error)")
                .doesNotContain("null");
    }

    @Test
    void aRefusalNamesItsFile() {
        assertThat(Reason.of(new AccessDeniedException("/data/list"))).isEqualTo("permission denied: /data/list");
        assertThat(Reason.of(new IOException("first\nsecond"))).isEqualTo("first");
        assertThat(Reason.of(new ReadOnlyFileSystemException())).isEqualTo("read only file system");
    }
}
