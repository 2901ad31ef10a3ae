package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The process's surroundings, so that commands run in tests as they do in a shell: standard streams, environment, and whether
 * somebody is looking at standard error. Text is UTF-8, whatever the locale. Any thread may write; a line is never torn.
 */
final class Console {
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final BooleanSupplier terminal;

    Console(
            InputStream in,
            PrintStream out,
            PrintStream err,
            Map<String, String> environment,
            BooleanSupplier terminal) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.environment = Map.copyOf(environment);
        this.terminal = terminal;
    }

    /** Those of this process. */
    static Console system() {
        return new Console(
                System.in,
                utf8(FileDescriptor.out, 1 << 16),
                utf8(FileDescriptor.err, 1 << 10),
                System.getenv(),
                Console::standardErrorIsTerminal);
    }

    private static PrintStream utf8(FileDescriptor descriptor, int buffer) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), buffer), false, StandardCharsets.UTF_8);
    }

    /** Java can only tell for all three streams together; POSIX's {@code test} can tell for one. */
    private static boolean standardErrorIsTerminal() {
        try {
            Process test = new ProcessBuilder("test", "-t", "2")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return test.waitFor(2, TimeUnit.SECONDS) && test.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    InputStream in() {
        return in;
    }

    /** For long output, which its writer flushes by {@link #flush}. */
    PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    boolean isTerminal() {
        return terminal.getAsBoolean();
    }

    boolean debug() {
        return "1".equals(environment.get("LIVESYNC_DEBUG"));
    }

    /**
     * Writes one line of results and flushes it.
     *
     * @throws SyncException {@link ErrorKind#STORAGE} if nobody takes it any more
     */
    void result(String line) {
        out.print(line + "\n");
        flush();
    }

    /**
     * Sends what was written on its way.
     *
     * @throws SyncException {@link ErrorKind#STORAGE} if nobody takes it any more
     */
    void flush() {
        if (out.checkError()) {
            throw new SyncException(ErrorKind.STORAGE, "standard output was closed");
        }
    }

    /** Tells the person something that is no result. */
    void note(String line) {
        err.print(oneLine(line) + "\n");
        err.flush();
    }

    /** The one line of a failure. */
    void error(String message) {
        note("livesync: " + Wording.of(message));
    }

    private static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(c -> line.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
        return line.toString();
    }
}
