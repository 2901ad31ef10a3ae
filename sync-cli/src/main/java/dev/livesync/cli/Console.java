package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.cli.control.FileAccess;
import dev.livesync.cli.control.LocalFiles;
import dev.livesync.cli.control.Surroundings;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The process's surroundings, so that commands run in tests as they do in a shell: standard streams, environment, and whether
 * somebody is looking at standard error. Text is UTF-8, whatever the locale. Any thread may write; a line is never torn.
 */
final class Console {
    private static final String DEBUG = "LIVESYNC_DEBUG";

    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final BooleanSupplier errorTerminal;
    private final BooleanSupplier outputTerminal;
    private final FileAccess files;
    private final @Nullable HeldDatabase held;
    private final @Nullable CompletableFuture<Void> interrupted;
    private final BooleanSupplier gone;
    private final Object lock = new Object();
    private volatile boolean json;
    private @Nullable Boolean outputIsTerminal;
    private int barLength;

    /** Creates a console with both outputs at a terminal, or neither. */
    Console(
            InputStream in,
            PrintStream out,
            PrintStream err,
            Map<String, String> environment,
            BooleanSupplier terminal) {
        this(in, out, err, environment, terminal, terminal, new LocalFiles(), null, null, () -> false);
    }

    private Console(
            InputStream in,
            PrintStream out,
            PrintStream err,
            Map<String, String> environment,
            BooleanSupplier outputTerminal,
            BooleanSupplier errorTerminal,
            FileAccess files,
            @Nullable HeldDatabase held,
            @Nullable CompletableFuture<Void> interrupted,
            BooleanSupplier gone) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.environment = Map.copyOf(environment);
        this.outputTerminal = outputTerminal;
        this.errorTerminal = errorTerminal;
        this.files = files;
        this.held = held;
        this.interrupted = interrupted;
        this.gone = gone;
    }

    /** The console of this process. */
    static Console system() {
        return new Console(
                System.in,
                utf8(FileDescriptor.out, 1 << 16),
                utf8(FileDescriptor.err, 1 << 10),
                System.getenv(),
                () -> isTerminal(1),
                () -> isTerminal(2),
                new LocalFiles(),
                null,
                null,
                () -> false);
    }

    /** The console of another process, which has given a command that this one runs. */
    static Console remote(Surroundings around, boolean debug, HeldDatabase held, CompletableFuture<Void> interrupted) {
        return new Console(
                around.in(),
                new PrintStream(new BufferedOutputStream(around.out(), 1 << 16), false, StandardCharsets.UTF_8),
                new PrintStream(new BufferedOutputStream(around.err(), 1 << 10), false, StandardCharsets.UTF_8),
                debug ? Map.of(DEBUG, "1") : Map.of(),
                () -> around.isTerminal(1),
                () -> around.isTerminal(2),
                around.files(),
                held,
                interrupted,
                around::isGone);
    }

    /** What another process has to know to run a command for this one. */
    Surroundings surroundings() {
        return new Surroundings() {
            @Override
            public InputStream in() {
                return in;
            }

            @Override
            public OutputStream out() {
                return new Checked(out);
            }

            @Override
            public OutputStream err() {
                return new Checked(err);
            }

            @Override
            public boolean isTerminal(int descriptor) {
                return (descriptor == 1 ? outputTerminal : errorTerminal).getAsBoolean();
            }

            @Override
            public FileAccess files() {
                return files;
            }
        };
    }

    /** Throws what a {@link PrintStream} only remembers. */
    private static final class Checked extends FilterOutputStream {
        private final PrintStream stream;

        Checked(PrintStream stream) {
            super(stream);
            this.stream = stream;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            stream.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            if (stream.checkError()) {
                throw new IOException("closed");
            }
        }
    }

    /** The files that the command line names. */
    FileAccess files() {
        return files;
    }

    /** The database that this process holds and that the command is to use; empty where it opens its own. */
    Optional<HeldDatabase> held() {
        return Optional.ofNullable(held);
    }

    /** Begins to heed that the command is to end. */
    Interruption interruption() {
        return interrupted == null ? new Interruption() : Interruption.by(interrupted);
    }

    private static PrintStream utf8(FileDescriptor descriptor, int buffer) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), buffer), false, StandardCharsets.UTF_8);
    }

    /** Whether a stream is a terminal. Asks POSIX's {@code test}, since Java can only tell for all three streams together. */
    private static boolean isTerminal(int descriptor) {
        try {
            Process test = new ProcessBuilder("test", "-t", Integer.toString(descriptor))
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
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

    /** The stream for help and other texts of picocli; results go through {@link #print}. */
    PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    /** Whether standard error is a terminal. */
    boolean isTerminal() {
        return errorTerminal.getAsBoolean();
    }

    boolean debug() {
        return "1".equals(environment.get(DEBUG));
    }

    /** Sets whether lines on standard error are JSON, too: one object per line. */
    void json(boolean wanted) {
        json = wanted;
    }

    /**
     * Writes results, in whole lines; {@link #flush} sends them. On a terminal control characters are escaped, elsewhere the lines are
     * written as they are.
     */
    void print(String lines) {
        if (gone.getAsBoolean()) {
            throw new SyncException(ErrorKind.STORAGE, "standard output was closed");
        }
        boolean asIs = Visible.isVisible(lines) || !outputIsTerminal();
        synchronized (lock) {
            eraseBar();
            out.print(asIs ? lines : Visible.text(lines));
        }
    }

    /** Whether standard output is a terminal. */
    boolean outputIsTerminal() {
        synchronized (lock) {
            if (outputIsTerminal == null) {
                outputIsTerminal = outputTerminal.getAsBoolean();
            }
            return outputIsTerminal;
        }
    }

    /**
     * Writes one line of results and flushes it.
     *
     * @throws SyncException {@link ErrorKind#STORAGE} if nobody takes it any more
     */
    void result(String line) {
        print(line + "\n");
        flush();
    }

    /**
     * Flushes what was written.
     *
     * @throws SyncException {@link ErrorKind#STORAGE} if nobody takes it any more
     */
    void flush() {
        if (out.checkError()) {
            throw new SyncException(ErrorKind.STORAGE, "standard output was closed");
        }
    }

    /** Writes a note to standard error. */
    void note(String line) {
        String words = Wording.of(line);
        errorLine(json ? JsonOutput.object("note", words) : Visible.line(words));
    }

    /** Writes the one line of a failure; {@code kind} is for programs. */
    void error(String kind, String message) {
        String words = Wording.of(message);
        errorLine(json ? JsonOutput.object("error", words, "kind", kind) : Visible.line("livesync: " + words));
    }

    /** Writes the stack trace, if it was asked for. */
    void trace(Throwable thrown) {
        if (debug()) {
            StringWriter text = new StringWriter();
            thrown.printStackTrace(new PrintWriter(text));
            text.toString().lines().forEach(line -> errorLine(json ? JsonOutput.object("note", line) : line));
        }
    }

    private void errorLine(String line) {
        synchronized (lock) {
            eraseBar();
            err.print(Visible.text(line) + "\n");
            err.flush();
        }
    }

    /**
     * Shows one line on standard error in place of the one before, until anything else is written; an empty line removes it. Flushes
     * results first, so that none is printed into the line.
     */
    void bar(String line) {
        synchronized (lock) {
            if (line.isEmpty()) {
                eraseBar();
                return;
            }
            out.flush();
            err.print('\r' + line + " ".repeat(Math.max(0, barLength - line.length())));
            err.flush();
            barLength = line.length();
        }
    }

    private void eraseBar() {
        if (barLength > 0) {
            err.print('\r' + " ".repeat(barLength) + '\r');
            err.flush();
            barLength = 0;
        }
    }
}
