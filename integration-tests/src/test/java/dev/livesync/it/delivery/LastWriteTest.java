package dev.livesync.it.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What was written last arrives: before a close of this side or of the other, and before {@code delivered()} completes. Two
 * processes, each with a thread for every processor that does nothing but keep it busy; one process over the memory transport.
 */
class LastWriteTest {
    @TempDir
    private Path scratch;

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void arrives(DeliveryTransport wire) throws Exception {
        rounds(wire, 9);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("soak")
    void arrivesAThousandTimes(DeliveryTransport wire) throws Exception {
        rounds(wire, 1_000);
    }

    private void rounds(DeliveryTransport wire, int rounds) throws Exception {
        Map<String, Integer> arrived = new TreeMap<>();
        Map<String, Integer> expected = new TreeMap<>();
        long began = System.nanoTime();
        try (Load load = new Load();
                Other other = wire == DeliveryTransport.MEMORY ? new SameProcess(wire) : new OwnProcess(wire)) {
            for (int i = 0; i < rounds; i++) {
                round(wire, other, i, arrived, expected);
            }
        }
        System.out.println("last writes over " + wire + ": arrived " + arrived + " of " + expected + " in "
                + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) + " s");
        assertThat(arrived).isEqualTo(expected);
    }

    private void round(
            DeliveryTransport wire,
            Other other,
            int number,
            Map<String, Integer> arrived,
            Map<String, Integer> expected)
            throws Exception {
        try (Database here = Database.inMemory()) {
            Sync.Builder builder = Sync.builder(here).limits(Accepting.PATIENT);
            wire.set(builder, scratch);
            try (Sync sync = builder.build()) {
                here.put("alice", "{\"likes\":\"apples\"}");
                String offer = get(sync.offer(wire.transport));
                Session session = get(sync.connect(other.tell("accept " + offer)));
                other.tell("backlog");

                here.put("waited", "{\"for\":true}");
                get(session.delivered());
                count("put, then delivered()", other.has("waited"), arrived, expected);

                String closing;
                CompletableFuture<?> theirs = CompletableFuture.completedFuture(null);
                switch (number % 3) {
                    case 0 -> {
                        // As README's block ends: the other side first.
                        closing = "the other closes first";
                        here.put("mine", "{}");
                        other.tell("putAndClose theirs");
                    }
                    case 1 -> {
                        closing = "this side closes first";
                        other.tell("put theirs");
                        here.put("mine", "{}");
                    }
                    default -> {
                        closing = "both close at once";
                        // Both have written before either closes: what is written after the session is for the next.
                        other.tell("put theirs");
                        here.put("mine", "{}");
                        theirs = CompletableFuture.runAsync(() -> other.tell("close"));
                    }
                }
                sync.close();
                theirs.get(2, TimeUnit.MINUTES);
                count(closing + ", its write", here.get("theirs").isPresent(), arrived, expected);
                count(closing + ", our write", other.has("mine"), arrived, expected);
            }
        }
    }

    private static void count(String what, boolean here, Map<String, Integer> arrived, Map<String, Integer> expected) {
        arrived.merge(what, here ? 1 : 0, Integer::sum);
        expected.merge(what, 1, Integer::sum);
    }

    private static <T> T get(CompletableFuture<T> stage) throws Exception {
        return stage.get(2, TimeUnit.MINUTES);
    }

    /** The accepting end. */
    private interface Other extends AutoCloseable {
        String tell(String line);

        default boolean has(String id) {
            return Boolean.parseBoolean(tell("has " + id));
        }

        @Override
        void close() throws Exception;
    }

    private final class SameProcess implements Other {
        private final Accepting accepting;

        SameProcess(DeliveryTransport wire) {
            accepting = new Accepting(wire, scratch);
        }

        @Override
        public String tell(String line) {
            try {
                return accepting.handle(line);
            } catch (Exception e) {
                throw new AssertionError(line, e);
            }
        }

        @Override
        public void close() {
            accepting.close();
        }
    }

    private final class OwnProcess implements Other {
        private final Process process;
        private final BufferedWriter to;
        private final BufferedReader from;

        OwnProcess(DeliveryTransport wire) throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Accepting.class.getName(),
                            wire.name(),
                            scratch.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            to = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
            from = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        @Override
        public String tell(String line) {
            try {
                to.write(line + "\n");
                to.flush();
                for (@Nullable String reply = from.readLine(); reply != null; reply = from.readLine()) {
                    if (reply.startsWith("> ")) {
                        return reply.substring(2);
                    }
                }
                throw new AssertionError("the other process ended at: " + line);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws Exception {
            to.close();
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
            }
        }
    }
}
