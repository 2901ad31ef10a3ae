package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Role;
import org.java_websocket.framing.BinaryFrame;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * How much faster than Java-WebSocket's own parts: the figures of docs/transports/websocket.md. Both take turns in one
 * run, and only the ratio means anything. Prints; fails only if there is nothing gained at all.
 */
@Tag("soak")
class LibraryComparisonTest {
    private static final int ROUNDS = 5;

    private interface Run {
        double nanos() throws Exception;
    }

    /** The best of some rounds each, interleaved; how many times longer theirs takes. */
    private static double compare(String what, Run ours, Run theirs) throws Exception {
        double our = Double.MAX_VALUE;
        double their = Double.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            our = Math.min(our, ours.nanos());
            their = Math.min(their, theirs.nanos());
        }
        System.out.printf("TIMING %s: %.1f times as fast as the library%n", what, their / our);
        return their / our;
    }

    private static double decode(Draft_6455 codec, byte[] stream, int frames) throws Exception {
        long begun = System.nanoTime();
        int seen = 0;
        for (int at = 0; at < stream.length; at += Loop.READ_BYTES) {
            byte[] piece = Arrays.copyOfRange(stream, at, Math.min(stream.length, at + Loop.READ_BYTES));
            seen += codec.translateFrame(ByteBuffer.wrap(piece)).size();
        }
        assertThat(seen).isEqualTo(frames);
        return System.nanoTime() - begun;
    }

    @Test
    void readingMaskedFrames() throws Exception {
        for (int size : new int[] {200, 16 * 1024, 256 * 1024}) {
            FrameCodec writer = new FrameCodec(Role.CLIENT, 1 << 20);
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            int frames = (32 << 20) / size;
            for (int i = 0; i < frames; i++) {
                BinaryFrame frame = new BinaryFrame();
                frame.setPayload(ByteBuffer.allocate(size));
                ByteBuffer bytes = writer.createBinaryFrame(frame);
                stream.write(bytes.array(), bytes.arrayOffset(), bytes.limit());
            }
            byte[] all = stream.toByteArray();
            double ratio = compare(
                    "reading masked frames of " + size + " bytes",
                    () -> decode(new FrameCodec(Role.SERVER, 1 << 20), all, frames),
                    () -> {
                        Draft_6455 library = new Draft_6455();
                        library.setParseMode(Role.SERVER);
                        return decode(library, all, frames);
                    });
            assertThat(ratio).isGreaterThan(1);
        }
    }

    @Test
    void wholeConnections() throws Exception {
        try (Ours ours = new Ours();
                Library library = new Library()) {
            for (int size : new int[] {200, 16 * 1024, 256 * 1024}) {
                int count = Math.min(100_000, (256 << 20) / size);
                compare(
                        "client to server, " + size + " bytes",
                        () -> ours.stream(ours.dialled, ours.atAccepted, size, count),
                        () -> library.stream(library.client, library.atServer, size, count));
                compare(
                        "server to client, " + size + " bytes",
                        () -> ours.stream(ours.accepted, ours.atDialled, size, count),
                        () -> library.stream(library.accepted, library.atClient, size, count));
            }
        }
    }

    /** Counts messages down. */
    private static final class Countdown {
        private final AtomicLong left = new AtomicLong();
        private volatile CountDownLatch done = new CountDownLatch(1);

        CountDownLatch expect(int count) {
            CountDownLatch latch = new CountDownLatch(1);
            done = latch;
            left.set(count);
            return latch;
        }

        void one() {
            if (left.decrementAndGet() == 0) {
                done.countDown();
            }
        }
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(120, TimeUnit.SECONDS))
                .as("all messages arrived")
                .isTrue();
    }

    private static final class Ours implements AutoCloseable {
        private final Station here = new Station(WebSocketConfiguration.defaults());
        private final Station there = new Station(WebSocketConfiguration.defaults());
        final Channel dialled = here.dial(there.listenAnywhere());
        final Channel accepted = there.arrival();
        final Countdown atDialled = counting(dialled);
        final Countdown atAccepted = counting(accepted);

        Ours() throws Exception {}

        private static Countdown counting(Channel channel) {
            Countdown countdown = new Countdown();
            channel.start(new ChannelListener() {
                @Override
                public void onMessage(Message message) {
                    countdown.one();
                }

                @Override
                public void onClosed(CloseReason reason) {}
            });
            channel.request(Long.MAX_VALUE);
            return countdown;
        }

        double stream(Channel from, Countdown to, int size, int count) throws Exception {
            CountDownLatch latch = to.expect(count);
            byte[] bytes = new byte[size];
            long begun = System.nanoTime();
            for (int i = 0; i < count; i++) {
                CompletableFuture<Void> sent = from.send(Message.binary(bytes)).toCompletableFuture();
                if (!sent.isDone()) {
                    sent.get();
                }
            }
            await(latch);
            return System.nanoTime() - begun;
        }

        @Override
        public void close() {
            here.close();
            there.close();
        }
    }

    private static final class Library implements AutoCloseable {
        final Countdown atServer = new Countdown();
        final Countdown atClient = new Countdown();
        private final CountDownLatch started = new CountDownLatch(1);
        private final BlockingQueue<WebSocketImpl> opened = new LinkedBlockingQueue<>();
        private final List<Exception> errors = new ArrayList<>();
        private final WebSocketServer server =
                new WebSocketServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)) {
                    @Override
                    public void onOpen(org.java_websocket.WebSocket socket, ClientHandshake handshake) {
                        opened.add((WebSocketImpl) socket);
                    }

                    @Override
                    public void onClose(org.java_websocket.WebSocket socket, int code, String reason, boolean remote) {}

                    @Override
                    public void onMessage(org.java_websocket.WebSocket socket, String message) {}

                    @Override
                    public void onMessage(org.java_websocket.WebSocket socket, ByteBuffer message) {
                        atServer.one();
                    }

                    @Override
                    public void onError(org.java_websocket.WebSocket socket, Exception e) {
                        errors.add(e);
                    }

                    @Override
                    public void onStart() {
                        started.countDown();
                    }
                };
        private final WebSocketClient dialled;
        final WebSocketImpl client;
        final WebSocketImpl accepted;

        Library() throws Exception {
            server.setDaemon(true);
            server.setTcpNoDelay(true);
            server.start();
            await(started);
            dialled = new WebSocketClient(URI.create("ws://127.0.0.1:" + server.getPort() + "/")) {
                @Override
                public void onOpen(org.java_websocket.handshake.ServerHandshake handshake) {}

                @Override
                public void onMessage(String message) {}

                @Override
                public void onMessage(ByteBuffer bytes) {
                    atClient.one();
                }

                @Override
                public void onClose(int code, String reason, boolean remote) {}

                @Override
                public void onError(Exception e) {
                    errors.add(e);
                }
            };
            dialled.setDaemon(true);
            dialled.setTcpNoDelay(true);
            assertThat(dialled.connectBlocking(30, TimeUnit.SECONDS)).isTrue();
            client = (WebSocketImpl) dialled.getConnection();
            accepted = opened.poll(30, TimeUnit.SECONDS);
        }

        double stream(WebSocketImpl from, Countdown to, int size, int count) throws Exception {
            CountDownLatch latch = to.expect(count);
            byte[] bytes = new byte[size];
            long begun = System.nanoTime();
            for (int i = 0; i < count; i++) {
                from.send(bytes);
                // It has no way to wait for room, so as not to run out of memory we look now and then.
                while (from.outQueue.size() > (4 << 20) / (size + 100)) {
                    Thread.onSpinWait();
                }
            }
            await(latch);
            return System.nanoTime() - begun;
        }

        @Override
        public void close() throws InterruptedException {
            dialled.close();
            server.stop(1000);
        }
    }
}
