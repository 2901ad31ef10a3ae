package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One run of the command in a process of its own. Everything waits for output or for the end, up to a generous deadline that
 * only a hang reaches.
 */
public final class Command implements AutoCloseable {
    /** What a shell starts in the background ignores SIGINT, and so does all that it starts, these tests perhaps. */
    private static final List<String> HEEDING_INTERRUPTS = heedingInterrupts();

    private static final long DEADLINE_SECONDS = 120;

    private final List<String> arguments;
    private final Process process;
    private final Collected out;
    private final Collected err;

    private Command(List<String> arguments, Process process) {
        this.arguments = arguments;
        this.process = process;
        this.out = new Collected(process.getInputStream());
        this.err = new Collected(process.getErrorStream());
    }

    /** Starts the command. */
    public static Command start(Object... arguments) {
        return start(List.of(), arguments);
    }

    /** Starts it with options for its JVM. */
    public static Command start(List<String> jvm, Object... arguments) {
        return program("dev.livesync.cli.Main", jvm, arguments);
    }

    /** Starts another program in the same way. */
    static Command program(String main, List<String> jvm, Object... arguments) {
        List<String> words = Arrays.stream(arguments).map(Object::toString).toList();
        List<String> line = new ArrayList<>(HEEDING_INTERRUPTS);
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")); // most runs are short
        line.addAll(jvm);
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        line.addAll(words);
        try {
            return new Command(words, new ProcessBuilder(line).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> heedingInterrupts() {
        try (Stream<String> status = Files.lines(Path.of("/proc/self/status"))) {
            boolean ignored = status.filter(entry -> entry.startsWith("SigIgn:"))
                    .anyMatch(
                            entry -> (Long.parseUnsignedLong(entry.substring(7).trim(), 16) & 1L << 1) != 0);
            return ignored ? List.of("env", "--default-signal=INT") : List.of();
        } catch (IOException e) {
            return List.of(); // no such file outside Linux
        }
    }

    /** Runs it to its end, which has to be exit code 0. */
    static Command run(Object... arguments) {
        return start(arguments).succeeded();
    }

    /** Waits for exit code 0. */
    Command succeeded() {
        closeInput();
        assertThat(exitCode()).as("exit code of %s", this).isZero();
        return this;
    }

    /**
     * Waits for a failure: exit code 1, nothing on standard output but {@code results}, and exactly one line that says what is wrong.
     *
     * @return that line
     */
    String failed(int code, String... results) {
        closeInput();
        assertThat(exitCode()).as("exit code of %s", this).isEqualTo(code);
        assertThat(out.all()).as("standard output of %s", this).containsExactly(results);
        List<String> messages =
                err.all().stream().filter(line -> line.startsWith("livesync: ")).toList();
        assertThat(messages).as("messages of %s", this).hasSize(1);
        assertThat(err.all()).as("no stack traces in %s", this).noneMatch(line -> line.matches("\\s+at .*\\(.*\\)"));
        return messages.get(0);
    }

    public int exitCode() {
        try {
            assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS))
                    .as("%s ended in time", this)
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        out.finish();
        err.finish();
        return process.exitValue();
    }

    /** Writes a line to its standard input. */
    public Command type(String line) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw new AssertionError(this + " does not read any more", e);
        }
        return this;
    }

    Command closeInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended, which closes it, too.
        }
        return this;
    }

    /** Waits for the nth line of standard output, counted from 1. */
    public String line(int n) {
        return out.line(n, this);
    }

    /** Waits until standard error holds a line that matches. */
    public String message(Predicate<String> wanted) {
        return message(wanted, 1);
    }

    /** Waits for the nth line of standard error that matches, counted from 1. */
    String message(Predicate<String> wanted, int nth) {
        int found = 0;
        for (int n = 1; ; n++) {
            String line = err.line(n, this);
            if (wanted.test(line) && ++found == nth) {
                return line;
            }
        }
    }

    /** Standard output so far; all of it once the process has ended. */
    public List<String> lines() {
        return out.all();
    }

    /** Standard error so far. */
    public List<String> messages() {
        return err.all();
    }

    /** Its process, to be looked at. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** SIGKILL, and waits for the end. */
    void kill() {
        killNow();
        exitCode();
    }

    /** SIGKILL. What it has printed by then is still read: {@link Process#destroyForcibly} would close the pipes. */
    public void killNow() {
        process.toHandle().destroyForcibly();
    }

    /** SIGTERM. What it prints on its way out is read, too. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** SIGINT, as Ctrl-C sends it. */
    void interrupt() throws IOException, InterruptedException {
        signal("INT");
    }

    /** Sends a signal, through the shell's own kill: a small system has no program of that name. */
    void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Leaves no process behind, whatever the test came to. */
    @Override
    public void close() {
        process.destroyForcibly();
        exitCode();
    }

    @Override
    public String toString() {
        return "livesync " + String.join(" ", arguments) + "\n-- standard output: " + out + "\n-- standard error: "
                + err + "\n--";
    }

    /** Reads a stream to its end, so that the process never waits for us, and hands out its lines. */
    private static final class Collected {
        private final List<String> lines = new ArrayList<>();
        private final Thread reader;
        private boolean ended;

        Collected(InputStream stream) {
            reader = new Thread(() -> read(stream), "livesync-test-output");
            reader.setDaemon(true);
            reader.start();
        }

        /** Counts whole lines only: whoever is killed may leave half of one. */
        private void read(InputStream stream) {
            try (Reader text = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                StringBuilder line = new StringBuilder();
                for (int c = text.read(); c >= 0; c = text.read()) {
                    if (c == '\n') {
                        add(line.toString());
                        line.setLength(0);
                    } else {
                        line.append((char) c);
                    }
                }
            } catch (IOException e) {
                // Killed: what came until then counts.
            } finally {
                add(null);
            }
        }

        private synchronized void add(@Nullable String line) {
            if (line == null) {
                ended = true;
            } else {
                lines.add(line);
            }
            notifyAll();
        }

        synchronized String line(int n, Command command) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
            while (lines.size() < n && !ended) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                assertThat(left).as("line %d in time of %s", n, command).isPositive();
                try {
                    wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException(e);
                }
            }
            assertThat(lines).as("line %d of %s", n, command).hasSizeGreaterThanOrEqualTo(n);
            return lines.get(n - 1);
        }

        void finish() {
            try {
                reader.join(TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        synchronized List<String> all() {
            return List.copyOf(lines);
        }

        @Override
        public synchronized String toString() {
            int from = Math.max(0, lines.size() - 20);
            return String.join("\n   ", lines.subList(from, lines.size()));
        }
    }
}
