package dev.livesync.it.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A host: a directory, and one process after the other that works on it. Each says at its start what the directory holds, which has to be all that
 * was acknowledged before. For the driver's thread; what processes print is read by threads of their own.
 */
final class OutsideHost implements AutoCloseable {
    private static final long DEADLINE_SECONDS = 600;
    private static final long AGAIN_MILLIS = 200;
    /** Each so many lives begin with all blocks hashed. */
    private static final int VERIFIED = 4;
    /** A process that lags is told no more. */
    private static final int MOST_UNDONE = 3;
    /** Numbers of one life end long before those of the next begin. */
    private static final int NUMBERS = 100_000;

    private final String name;
    private final Path directory;
    private final Path errors;
    private final JavaStart java;
    private final List<String> before;
    private final List<String> connection;
    private final UnaryOperator<String> peers;
    private final Acknowledged acknowledged;

    private @Nullable Life life;
    private int lives;
    private int checked;

    /** One process, and what it has said. */
    private final class Life {
        final Process process;
        final Map<String, Integer> wanted;
        final Map<String, Integer> there = new HashMap<>();
        final List<String> problems = new ArrayList<>();
        final List<String> refused = new ArrayList<>();
        final Thread reader;
        boolean ready;
        boolean checked;
        int asked;
        int answered;
        int stored;
        int delivered;
        String clock = "";
        boolean ended;

        Life(Process process, Map<String, Integer> wanted) {
            this.process = process;
            this.wanted = wanted;
            this.reader = new Thread(this::read, "outside-" + name);
            reader.setDaemon(true);
            reader.start();
        }

        /** Whole lines only: whoever is killed may leave half of one. */
        private void read() {
            StringBuilder line = new StringBuilder();
            try (Reader in =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (int c = in.read(); c >= 0; c = in.read()) {
                    if (c == '\n') {
                        heard(line.toString());
                        line.setLength(0);
                    } else {
                        line.append((char) c);
                    }
                }
            } catch (IOException e) {
                // Killed: what came until then counts.
            } finally {
                synchronized (this) {
                    ended = true;
                    notifyAll();
                }
            }
        }

        private synchronized void heard(String line) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "has" -> there.put(words[1], Integer.parseInt(words[2]));
                case "problem" -> problems.add(line);
                case "ready" -> ready = true;
                case "stored" -> {
                    stored++;
                    acknowledged.stored(name, words[1], Integer.parseInt(words[2]));
                }
                case "delivered" -> {
                    delivered++;
                    String peer = peers.apply(words[1]);
                    if (!peer.isEmpty()) {
                        acknowledged.delivered(name, peer, Integer.parseInt(words[2]));
                    }
                }
                case "refused" -> refused.add(line);
                case "compacted" -> {}
                case "clock" -> clock = words[1];
                case "done" -> answered++;
                default -> problems.add("not understood: " + line);
            }
            notifyAll();
        }

        void await(String what, BooleanSupplier condition) throws InterruptedException {
            await(what, condition, () -> {});
        }

        /** Waits, and does something again and again meanwhile. */
        synchronized void await(String what, BooleanSupplier condition, Runnable again) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
            long next = System.nanoTime();
            long worked = cpuMillis();
            while (!condition.getAsBoolean()) {
                long now = System.nanoTime();
                assertThat(deadline - now > 0 && !ended)
                        .as(
                                "%s %s; %s%s",
                                name,
                                what,
                                ended
                                        ? "its process has ended: "
                                        : "in time, of which it was given " + (cpuMillis() - worked) + " ms: ",
                                errors())
                        .isTrue();
                if (next - now <= 0) {
                    again.run();
                    next = now + TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS);
                }
                wait(AGAIN_MILLIS);
            }
        }

        /** A machine that is too busy gives it next to none. */
        private long cpuMillis() {
            return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
        }

        synchronized void check() {
            assertThat(problems).as(name).isEmpty();
            if (ready && !checked) {
                checked = true;
                OutsideHost.this.checked++;
                assertThat(Acknowledged.lost(wanted, there))
                        .as("lost at %s", name)
                        .isEmpty();
            }
        }
    }

    /**
     * A host without a process.
     *
     * @param before what begins its commands
     * @param connection {@code listen} or {@code dial}, the address, and the secret
     * @param peers which host is at a session's other end; empty if that is not known
     */
    OutsideHost(
            String name,
            Path directory,
            JavaStart java,
            List<String> before,
            List<String> connection,
            UnaryOperator<String> peers,
            Acknowledged acknowledged) {
        this.name = name;
        this.directory = directory;
        this.errors = directory.getParent().resolveSibling(name + ".errors");
        this.java = java;
        this.before = before;
        this.connection = connection;
        this.peers = peers;
        this.acknowledged = acknowledged;
    }

    String name() {
        return name;
    }

    Path directory() {
        return directory;
    }

    /** How many times a process has said what is there, and it was all that had to be. */
    int checked() {
        return checked;
    }

    private String errors() {
        try {
            String all = Files.exists(errors) ? Files.readString(errors) : "";
            return all.substring(Math.max(0, all.length() - 4_000));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private Life life() {
        if (life == null) {
            throw new IllegalStateException(name + " has no process");
        }
        return life;
    }

    /** Starts a process. */
    void start() throws IOException {
        Map<String, Integer> wanted = acknowledged.at(name);
        List<String> arguments =
                new ArrayList<>(List.of(directory.toString(), name, Integer.toString(lives++ * NUMBERS)));
        arguments.addAll(connection);
        if (lives % VERIFIED == 0) {
            arguments.add(OutsideProgram.VERIFY);
        }
        life = new Life(
                java.program(before, OutsideProgram.class.getName(), arguments)
                        .redirectError(errors.toFile())
                        .start(),
                wanted);
    }

    /** Waits until its process has opened the directory, and checks what it has found. */
    void awaitReady() throws InterruptedException {
        Life now = life();
        now.await("is ready", () -> now.ready);
        now.check();
    }

    /** Lets time pass; it must not end meanwhile. */
    void work(long millis) throws InterruptedException {
        assertThat(life().process.waitFor(millis, TimeUnit.MILLISECONDS))
                .as("%s ended by itself: %s", name, errors())
                .isFalse();
    }

    /** Has it store some documents, unless it is behind. */
    void put(int count) {
        Life now = life();
        synchronized (now) {
            if (!now.ready || now.asked - now.answered >= MOST_UNDONE) {
                return;
            }
            now.asked++;
        }
        tell("put " + count);
    }

    void compact() {
        tell("compact");
    }

    private void tell(String line) {
        try {
            life().process.outputWriter(StandardCharsets.UTF_8).write(line + "\n");
            life().process.outputWriter(StandardCharsets.UTF_8).flush();
        } catch (IOException e) {
            throw new AssertionError(name + " does not listen any more: " + errors(), e);
        }
    }

    /** Waits until it has stored something more. */
    void awaitStored() throws InterruptedException {
        Life now = life();
        int stored = now.stored;
        now.await("stores", () -> now.stored > stored, () -> put(3));
    }

    /** Waits until it has done what it was asked for. */
    void awaitDone() throws InterruptedException {
        Life now = life();
        now.await("has done what it was asked for", () -> now.asked == now.answered);
    }

    /** What names all that it has; the same at hosts that are equal. */
    String clock() throws InterruptedException {
        Life now = life();
        synchronized (now) {
            now.clock = "";
        }
        tell("clock");
        now.await("says its clock", () -> !now.clock.isEmpty());
        return now.clock;
    }

    /** Waits until what it has stored so far is acknowledged by a peer. */
    void awaitDelivered() throws InterruptedException {
        awaitDone();
        Life now = life();
        int delivered = now.delivered;
        now.await("delivers", () -> now.delivered > delivered, () -> {
            tell("retry");
            put(1);
        });
    }

    /** Waits until a put was refused. */
    void awaitRefused() throws InterruptedException {
        Life now = life();
        now.await("is refused", () -> !now.refused.isEmpty(), () -> put(100));
    }

    /** Whatever was refused so far had to be. */
    void forgiveRefusals() {
        Life now = life();
        synchronized (now) {
            now.refused.clear();
        }
    }

    /** It has refused nothing since; compaction may still be at what it had begun before. */
    void requireNoRefusals() {
        Life now = life();
        synchronized (now) {
            assertThat(now.refused).as("what %s has refused", name).noneMatch(line -> line.startsWith("refused put"));
        }
    }

    void signal(String signal) throws IOException, InterruptedException {
        RootShell.require("sh", "-c", "kill -" + signal + " " + life().process.pid());
    }

    /** SIGKILL; all that it has said counts. */
    void kill() throws InterruptedException {
        life().process.toHandle().destroyForcibly(); // Process's own closes the pipe, and what is in it would be lost
        end();
    }

    /** Ends in order. */
    void stop() throws IOException, InterruptedException {
        life().process.getOutputStream().close();
        Process process = life().process;
        assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS))
                .as("%s ends", name)
                .isTrue();
        assertThat(process.exitValue()).as("%s: %s", name, errors()).isZero();
        end();
    }

    private void end() throws InterruptedException {
        Life now = life();
        now.process.waitFor();
        now.reader.join();
        now.check();
        life = null;
    }

    @Override
    public void close() throws InterruptedException {
        Life now = life;
        if (now != null) {
            now.process.destroyForcibly().waitFor();
        }
    }
}
