package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The process's surroundings, so that commands run in tests as they do in a shell: standard streams, environment, and whether
 * somebody is looking at standard error. Text is UTF-8, whatever the locale. Any thread may write; a line is never torn.
 */
final class Console {
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final BooleanSupplier errorTerminal;
    private final BooleanSupplier outputTerminal;
    private final Object lock = new Object();
    private volatile boolean json;
    private @Nullable Boolean outputIsTerminal;
    private int barLength;

    /** With both outputs at a terminal, or neither. */
    Console(
            InputStream in,
            PrintStream out,
            PrintStream err,
            Map<String, String> environment,
            BooleanSupplier terminal) {
        this(in, out, err, environment, terminal, terminal);
    }

    private Console(
            InputStream in,
            PrintStream out,
            PrintStream err,
            Map<String, String> environment,
            BooleanSupplier outputTerminal,
            BooleanSupplier errorTerminal) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.environment = Map.copyOf(environment);
        this.outputTerminal = outputTerminal;
        this.errorTerminal = errorTerminal;
    }

    /** Those of this process. */
    static Console system() {
        return new Console(
                System.in,
                utf8(FileDescriptor.out, 1 << 16),
                utf8(FileDescriptor.err, 1 << 10),
                System.getenv(),
                () -> isTerminal(1),
                () -> isTerminal(2));
    }

    private static PrintStream utf8(FileDescriptor descriptor, int buffer) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), buffer), false, StandardCharsets.UTF_8);
    }

    /** Java can only tell for all three streams together; POSIX's {@code test} can tell for one. */
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

    /** For what others print, help for one; results go through {@link #print}. */
    PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    /** Whether somebody looks at standard error. */
    boolean isTerminal() {
        return errorTerminal.getAsBoolean();
    }

    boolean debug() {
        return "1".equals(environment.get("LIVESYNC_DEBUG"));
    }

    /** From now on, what goes to standard error is JSON, too: one object per line. */
    void json(boolean wanted) {
        json = wanted;
    }

    /** Writes results, whole lines, which {@link #flush} sends on. A terminal gets them harmless, everybody else as they are. */
    void print(String lines) {
        boolean asIs = Visible.isVisible(lines) || !outputIsTerminal();
        synchronized (lock) {
            eraseBar();
            out.print(asIs ? lines : Visible.text(lines));
        }
    }

    private boolean outputIsTerminal() {
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
        String words = Wording.of(line);
        errorLine(json ? JsonOutput.object("note", words) : Visible.line(words));
    }

    /** The one line of a failure; {@code kind} is for programs. */
    void error(String kind, String message) {
        String words = Wording.of(message);
        errorLine(json ? JsonOutput.object("error", words, "kind", kind) : Visible.line("livesync: " + words));
    }

    /** The stack trace, for those who asked for it. */
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
     * Shows one line on standard error, in the place of the one shown before, until anything else is written. Empty: none.
     * Nothing that was printed may come out later and be glued to it.
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
