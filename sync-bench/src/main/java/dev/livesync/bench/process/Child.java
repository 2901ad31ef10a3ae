package dev.livesync.bench.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A process that answers {@link Line}s. One question at a time; {@link #ask} on two children from two threads is how both
 * work at once.
 */
public final class Child implements AutoCloseable {
    private static final Pattern ANSWER = Pattern.compile("(ok|error)\\b");

    private final String name;
    private final Process process;
    private final PrintStream requests;
    private final BufferedReader answers;

    private Child(String name, List<String> command) throws IOException {
        this(name, new ProcessBuilder(command));
    }

    private Child(String name, ProcessBuilder command) throws IOException {
        this.name = name;
        this.process = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        this.requests = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Starts a JVM like this one: same Java, same class path, same archive of classes.
     *
     * @param name for messages
     * @param jvmOptions what to tell the JVM, {@code -Xmx} and the like
     * @param mainClass what to run
     * @param arguments what to tell it
     * @return the running child
     * @throws IOException if it cannot be started
     */
    public static Child java(String name, List<String> jvmOptions, Class<?> mainClass, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(archive());
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass.getName()));
        command.addAll(List.of(arguments));
        return new Child(name, command);
    }

    /** Options that this JVM was started with for its archive of classes, which fits the same class path. */
    private static List<String> archive() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-XX:SharedArchiveFile=") || option.startsWith("-Xlog:cds"))
                .toList();
    }

    /**
     * Starts the command of another checkout, which builds itself first where that is needed.
     *
     * @param name for messages
     * @param checkout the folder that has the launcher
     * @param jvmOptions what to tell its JVM
     * @param arguments what to tell it
     * @return the running child
     * @throws IOException if it cannot be started
     */
    public static Child checkout(String name, Path checkout, List<String> jvmOptions, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(checkout.resolve("livesync").toAbsolutePath().toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LIVESYNC_JAVA_OPTS", String.join(" ", jvmOptions));
        return new Child(name, builder);
    }

    /**
     * Starts a Node program that answers lines, as {@code interop/lines.mjs} does.
     *
     * @param name for messages
     * @param program its file; its packages are installed
     * @return the running child
     * @throws IOException if it cannot be started
     */
    public static Child node(String name, Path program) throws IOException {
        return new Child(name, List.of("node", "--max-old-space-size=4096", program.toString()));
    }

    /**
     * Asks and waits for the answer.
     *
     * @param request the question
     * @return the answer
     * @throws IllegalStateException if the child answers with an error or is gone
     */
    public Line ask(Line request) {
        requests.println(request);
        try {
            String answer = answers.readLine();
            while (answer != null && !ANSWER.matcher(answer).lookingAt()) {
                System.err.println(answer); // a JVM with options of its own mind: -XX:StartFlightRecording, say
                answer = answers.readLine();
            }
            if (answer == null) {
                throw new IllegalStateException(name + " ended at '" + request.word() + "'");
            }
            Line line = Line.parse(answer);
            if (!line.word().equals("ok")) {
                throw new IllegalStateException(name + ", " + request.word() + ": " + line.text("message"));
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /** Closes the child's stdin, which ends it; kills it if it takes more than ten seconds. */
    @Override
    public void close() {
        requests.close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
