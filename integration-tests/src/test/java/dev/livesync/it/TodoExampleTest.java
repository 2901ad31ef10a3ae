package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** examples/todo in two processes, between which connections are cut. */
class TodoExampleTest {
    private static final Path SOURCE = Path.of("..", "examples", "todo", "TodoList.java");

    @TempDir
    private Path scratch;

    /** Passes everything on until it is told to cut. */
    private static final class CutRelay extends TcpRelay {
        private final Set<Socket> open = ConcurrentHashMap.newKeySet();

        CutRelay(URI listener) throws IOException {
            super(listener.getHost(), listener.getPort());
            begin();
        }

        @Override
        protected void pump(Socket from, Socket to, boolean fromDialler) throws IOException {
            open.add(from);
            from.getInputStream().transferTo(to.getOutputStream());
        }

        void cut() throws IOException {
            for (Socket socket : open) {
                socket.close();
            }
            open.clear();
        }

        URI address(URI listener) {
            return URI.create("ws://" + listener.getHost() + ":" + localPort() + "/#" + listener.getFragment());
        }
    }

    private final class RunningList implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;
        private final PrintStream in;

        RunningList(String... arguments) throws IOException {
            List<String> line = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-cp",
                    scratch + File.pathSeparator + System.getProperty("java.class.path"),
                    "TodoList"));
            line.addAll(List.of(arguments));
            process = new ProcessBuilder(line)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        }

        String read() throws IOException {
            return out.readLine();
        }

        /** Says something that is answered by one line. */
        String ask(String line) throws IOException {
            in.println(line);
            return out.readLine();
        }

        void awaitAnswer(String line, String answer) {
            await().atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> answer.equals(ask(line)));
        }

        void quit() throws InterruptedException {
            in.println("quit");
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isZero();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    @Test
    @Timeout(180)
    void whatIsDoneOnOneSideIsDoneOnTheOtherWhateverIsCut() throws Exception {
        assertThat(Files.readAllLines(SOURCE)).hasSizeLessThan(150);
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-d",
                                scratch.toString(),
                                SOURCE.toString()))
                .isZero();
        try (RunningList here = new RunningList(scratch.resolve("a").toString(), "listen", "ws://127.0.0.1:0/")) {
            URI listener = URI.create(here.read());
            try (CutRelay relay = new CutRelay(listener);
                    RunningList there = new RunningList(
                            scratch.resolve("b").toString(),
                            "dial",
                            relay.address(listener).toString())) {
                here.in.println("add Buy bread");
                there.awaitAnswer("", "1. [ ] Buy bread");
                relay.cut();
                there.in.println("done 1");
                here.awaitAnswer("", "nothing to do");
                relay.cut();
                assertThat(here.ask("all")).isEqualTo("1. [x] Buy bread");
                here.in.println("drop 1");
                there.awaitAnswer("all", "nothing to do");
                assertThat(there.ask("done 1")).isEqualTo("there is no number 1");
                assertThat(there.ask("add ")).contains("/text: is empty");
                there.quit();
            }
            here.quit();
        }
    }
}
