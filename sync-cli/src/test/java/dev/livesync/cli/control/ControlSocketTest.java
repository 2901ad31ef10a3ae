package dev.livesync.cli.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The socket alone, with commands that no program has. */
class ControlSocketTest {
    @TempDir
    private Path directory;

    private final List<String> log = new ArrayList<>();

    private ControlServer serve(ControlServer.Runner runner) throws IOException {
        return ControlServer.open(
                directory, new ControlServer.Holder("1", "test"), runner, log::add, Duration.ofMillis(100));
    }

    private ControlClient connect() {
        return ControlClient.connect(directory, "1").orElseThrow();
    }

    private int run(Surroundings around, Path... files) {
        try (ControlClient client = connect()) {
            return client.run(List.of("x"), false, around, Set.of(files), Set.of(files));
        }
    }

    /** The streams of a test. */
    private static final class Streams implements Surroundings {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final InputStream in;

        Streams(byte[] in) {
            this.in = new ByteArrayInputStream(in);
        }

        @Override
        public InputStream in() {
            return in;
        }

        @Override
        public OutputStream out() {
            return out;
        }

        @Override
        public OutputStream err() {
            return out;
        }

        @Override
        public boolean isTerminal(int descriptor) {
            return descriptor == 2;
        }

        @Override
        public FileAccess files() {
            return new LocalFiles();
        }
    }

    private interface Work {
        int run(Surroundings around) throws IOException;
    }

    private static ControlServer.Runner runner(Work work) {
        return (arguments, debug, around, interrupted) -> {
            try {
                return work.run(around);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    @Test
    void bytesComeAsTheyWere() throws IOException {
        byte[] bytes = new byte[300_001];
        new Random(1).nextBytes(bytes);
        Streams streams = new Streams(bytes);
        try (ControlServer server = serve(runner(around -> {
            around.in().transferTo(around.out());
            return around.isTerminal(2) && !around.isTerminal(1) ? 7 : 8;
        }))) {
            assertThat(run(streams)).isEqualTo(7);
        }
        assertThat(streams.out.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void noMoreIsReadThanWasAskedFor() throws IOException {
        Streams streams = new Streams("first\nsecond".getBytes(StandardCharsets.UTF_8));
        try (ControlServer server = serve(runner(around -> {
            InputStream in = around.in();
            while (in.read() != '\n') {
                // the rest is for whoever comes next
            }
            return 0;
        }))) {
            run(streams);
        }
        assertThat(new String(streams.in.readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("second");
    }

    /** A directory may be anybody's, and so may who sits behind its socket. */
    @Test
    void aHolderGetsNoFileThatTheCommandLineDoesNotName() throws IOException {
        Path named = Files.writeString(directory.resolve("named"), "yes");
        Path other = Files.writeString(directory.resolve("other"), "no");
        try (ControlServer server = serve(runner(around -> {
            assertThat(new String(around.files().open(named).stream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("yes");
            for (Path path : List.of(other, directory.resolve("named/../other"))) {
                assertThatThrownBy(() -> around.files().open(path)).hasMessageContaining("does not name");
                assertThatThrownBy(() -> around.files().create(path, true)).hasMessageContaining("does not name");
                assertThatThrownBy(() -> around.files().exists(path)).hasMessageContaining("does not name");
            }
            return 0;
        }))) {
            assertThat(run(new Streams(new byte[0]), named)).isZero();
        }
        assertThat(other).hasContent("no");
    }

    @Test
    void aFileIsThereWhenItIsWholeAndNotBefore() throws IOException {
        Path file = directory.resolve("file");
        try (ControlServer server = serve(runner(around -> {
            try (FileAccess.TargetFile target = around.files().create(file, false)) {
                target.stream().write(new byte[200_000]);
                assertThat(Files.exists(file)).isFalse();
                target.keep();
            }
            assertThat(Files.size(file)).isEqualTo(200_000);
            try (FileAccess.TargetFile target = around.files().create(file, false)) {
                assertThatThrownBy(target::keep).hasMessageContaining("appeared meanwhile");
            }
            FileAccess.TargetFile left = around.files().create(file, true);
            left.stream().write(1);
            return 0;
        }))) {
            assertThat(run(new Streams(new byte[0]), file)).isZero();
        }
        try (var files = Files.list(directory)) {
            assertThat(files.map(path -> path.getFileName().toString())).containsExactly("file");
        }
    }

    @Test
    void whoIsOfAnotherVersionIsToldSo() throws IOException {
        try (ControlServer server = serve(runner(around -> 0))) {
            assertThatThrownBy(() -> ControlClient.connect(directory, "2"))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.IN_USE))
                    .hasMessageContaining("there 1, here 2")
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
        }
        assertThat(ControlClient.connect(directory, "1")).isEmpty();
    }

    /** A client that goes away ends its own command, and nothing else. */
    @Test
    void aClientThatIsGoneIsNoticed() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Void> noticed = new CompletableFuture<>();
        try (ControlServer server = serve((arguments, debug, around, interrupted) -> {
            begun.countDown();
            interrupted.join();
            noticed.complete(null);
            return 0;
        })) {
            ControlClient client = connect();
            CompletableFuture<Void> run = CompletableFuture.runAsync(
                    () -> client.run(List.of("x"), false, new Streams(new byte[0]), Set.of(), Set.of()));
            begun.await();
            client.close();
            noticed.get(60, TimeUnit.SECONDS);
            assertThat(run.handle((nothing, failure) -> failure).get(60, TimeUnit.SECONDS))
                    .isNotNull();
        }
    }

    /** Nobody reads its output: it waits, and the others don't. The end of the holder ends it, too. */
    @Test
    void aClientThatTakesNothingKeepsNobodyWaiting() throws Exception {
        CountDownLatch full = new CountDownLatch(1);
        try (ControlServer server = serve((arguments, debug, around, interrupted) -> {
            if (arguments.isEmpty()) {
                return 5;
            }
            try {
                while (true) {
                    around.out().write(new byte[1 << 16]);
                    full.countDown();
                }
            } catch (IOException e) {
                return 1;
            }
        })) {
            try (SocketChannel stuck = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                stuck.connect(UnixDomainSocketAddress.of(
                        directory.resolve("livesync.control").resolve("socket")));
                FramePipe pipe = new FramePipe(stuck);
                pipe.send(FrameType.HELLO, out -> {
                    out.writeInt(ControlServer.PROTOCOL);
                    FramePipe.text(out, "1");
                });
                pipe.send(FrameType.RUN, out -> {
                    out.writeBoolean(false);
                    out.writeInt(1);
                    FramePipe.text(out, "x");
                });
                full.await();
                try (ControlClient other = connect()) {
                    assertThat(other.run(List.of(), false, new Streams(new byte[0]), Set.of(), Set.of()))
                            .isEqualTo(5);
                }
                server.close();
            }
        }
    }

    @Test
    void moreThanTheMostAtOnceAreRefusedAndTheRestGoOn() throws Exception {
        List<ControlClient> clients = new ArrayList<>();
        try (ControlServer server = serve((arguments, debug, around, interrupted) -> 0)) {
            for (int n = 0; n < ControlServer.MAX_COMMANDS; n++) {
                clients.add(connect());
            }
            assertThatThrownBy(this::connect).hasMessageContaining("go through it already");
            assertThat(clients.get(0).run(List.of(), false, new Streams(new byte[0]), Set.of(), Set.of()))
                    .isZero();
        } finally {
            clients.forEach(ControlClient::close);
        }
    }

    /** Anything may be written to a socket. */
    @Test
    void whatIsNoCommandEndsItsConnectionAlone() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (ControlServer server = serve(runner(around -> 3))) {
            for (int n = 0; n < 50; n++) {
                byte[] bytes = new byte[random.nextInt(40)];
                random.nextBytes(bytes);
                if (bytes.length > 5 && n % 2 == 0) {
                    bytes[0] = FrameType.HELLO.code;
                    Arrays.fill(bytes, 1, 4, (byte) 0);
                }
                try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                    channel.connect(UnixDomainSocketAddress.of(
                            directory.resolve("livesync.control").resolve("socket")));
                    channel.write(ByteBuffer.wrap(bytes));
                }
            }
            assertThat(run(new Streams(new byte[0]))).as("seed %d", seed).isEqualTo(3);
        }
        assertThat(log).as("seed %d", seed).isEmpty();
    }
}
