package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads secrets from files and standard input. Messages never quote one. */
final class Secrets {
    /** Longer than any address with a secret, and short enough to read without thinking. */
    private static final int MAX_BYTES = 4_096;

    /** The secrets that {@link dev.livesync.Sync#listen(String, String)} takes. */
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{22,1024}");

    private Secrets() {}

    /** Reads a secret, or an address with one in its fragment, from a file that holds nothing else. */
    static String read(Path file, Console console) throws IOException {
        OtherReaders.warn(console, file);
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        }
    }

    /** As {@link #read(Path, Console)}; where there is no such file, makes one with a new secret that only its owner can read. */
    static String readOrCreate(Path file, Console console) throws IOException {
        String secret = random();
        try (OutputStream out = Channels.newOutputStream(createPrivate(file))) {
            out.write((secret + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (FileAlreadyExistsException e) {
            return read(file, console);
        }
        return secret;
    }

    /** Generates a secret. */
    static String random() {
        byte[] bits = new byte[32];
        new SecureRandom().nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    private static SeekableByteChannel createPrivate(Path file) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return Files.newByteChannel(
                    file, options, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        return Files.newByteChannel(file, options);
    }

    /** Reads a secret from the first line of a stream, and nothing after that line. */
    static String read(InputStream in, String name) throws IOException {
        byte[] line = new byte[MAX_BYTES];
        int length = 0;
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (length == MAX_BYTES) {
                throw none(name);
            }
            line[length++] = (byte) b;
        }
        String text = new String(line, 0, length, StandardCharsets.UTF_8).trim();
        String secret = text.substring(text.indexOf('#') + 1);
        if (!SECRET.matcher(secret).matches()) {
            throw none(name);
        }
        return secret;
    }

    private static SyncException none(String name) {
        return new SyncException(
                ErrorKind.CONFIGURATION,
                "no secret in " + name + ": one line is expected, the secret or the whole address that listen printed");
    }
}
