package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.internal.Probe;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Peers that we did not write: the JDK's WebSocket client, and the library's own client and server. */
class WebSocketInteropTest {
    private final Station station = new Station(WebSocketConfiguration.defaults());

    @AfterEach
    void close() {
        station.close();
    }

    private static byte[] random(int seed, int size) {
        byte[] bytes = new byte[size];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    /** Whole messages, however the JDK cuts them. */
    private static final class JdkListener implements WebSocket.Listener {
        final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                received.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            binary.writeBytes(bytes);
            if (last) {
                received.add(binary.toByteArray());
                binary.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
            received.add("pong " + StandardCharsets.UTF_8.decode(message));
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            received.add("closed " + code);
            return null;
        }

        Object next() throws InterruptedException {
            Object next = received.poll(Station.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(next).as("something from the server").isNotNull();
            return next;
        }
    }

    @Test
    void theJdksClientTalksToOurServer() throws Exception {
        String address = station.listenAnywhere();
        JdkListener listener = new JdkListener();
        WebSocket client = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols("whatever")
                .buildAsync(URI.create(address), listener)
                .get(Station.PATIENCE_SECONDS, TimeUnit.SECONDS);
        Channel channel = station.arrival();
        Probe probe = station.probe(channel, 100);
        byte[] large = random(1, 1 << 20);

        client.sendText("héllo 😀", true).get();
        client.sendBinary(ByteBuffer.wrap(large), true).get();
        client.sendText("in ", false).get();
        client.sendPing(ByteBuffer.wrap("still there?".getBytes(StandardCharsets.US_ASCII)))
                .get();
        client.sendText("three ", false).get();
        client.sendText("parts", true).get();
        client.sendBinary(ByteBuffer.wrap(large, 0, 300_000), false).get();
        client.sendBinary(ByteBuffer.wrap(large, 300_000, 10), true).get();

        List<Message> messages = probe.await(4);
        assertThat(new String(messages.get(0).payload(), StandardCharsets.UTF_8))
                .isEqualTo("héllo 😀");
        assertThat(messages.get(1).payload()).isEqualTo(large);
        assertThat(messages.get(2).kind()).isEqualTo(Message.Kind.TEXT);
        assertThat(new String(messages.get(2).payload(), StandardCharsets.UTF_8))
                .isEqualTo("in three parts");
        assertThat(messages.get(3).payload()).isEqualTo(Arrays.copyOf(large, 300_010));
        assertThat(listener.next()).isEqualTo("pong still there?");

        Station.get(channel.send(Message.text("zurück €")));
        Station.get(channel.send(Message.binary(large)));
        Station.get(channel.send(Message.binary(new byte[0])));
        assertThat(listener.next()).isEqualTo("zurück €");
        assertThat((byte[]) listener.next()).isEqualTo(large);
        assertThat((byte[]) listener.next()).isEmpty();

        client.sendClose(WebSocket.NORMAL_CLOSURE, "bye").get();
        assertThat(probe.awaitClose()).isEqualTo(CloseReason.REMOTE);
        assertThat(listener.next()).isEqualTo("closed 1000");
    }

    @Test
    void ourGoodbyeReachesTheJdksClient() throws Exception {
        JdkListener listener = new JdkListener();
        WebSocket client = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(station.listenAnywhere()), listener)
                .get(Station.PATIENCE_SECONDS, TimeUnit.SECONDS);
        Probe probe = station.probe(station.arrival(), 1);
        for (int i = 0; i < 100; i++) {
            Station.get(probe.channel().send(Message.text("m" + i)));
        }
        Station.get(probe.channel().close());
        for (int i = 0; i < 100; i++) {
            assertThat(listener.next()).isEqualTo("m" + i);
        }
        assertThat(listener.next()).isEqualTo("closed 1000");
        assertThat(client.isInputClosed()).isTrue();
        assertThat(probe.awaitClose()).isEqualTo(CloseReason.LOCAL);
    }

    @Test
    void theLibrarysClientTalksToOurServer() throws Exception {
        BlockingQueue<Object> received = new LinkedBlockingQueue<>();
        WebSocketClient client = new WebSocketClient(URI.create(station.listenAnywhere())) {
            @Override
            public void onOpen(org.java_websocket.handshake.ServerHandshake handshake) {}

            @Override
            public void onMessage(String message) {
                received.add(message);
            }

            @Override
            public void onMessage(ByteBuffer bytes) {
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                received.add(copy);
            }

            @Override
            public void onClose(int code, String reason, boolean remote) {
                received.add("closed " + code);
            }

            @Override
            public void onError(Exception e) {
                received.add(e);
            }
        };
        client.setDaemon(true);
        assertThat(client.connectBlocking(Station.PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        Probe probe = station.probe(station.arrival(), 10);
        byte[] large = random(2, 300_000);

        client.send("text");
        client.send(large);
        List<Message> messages = probe.await(2);
        assertThat(messages.get(0).payload()).asString().isEqualTo("text");
        assertThat(messages.get(1).payload()).isEqualTo(large);

        Station.get(probe.channel().send(Message.text("answer")));
        Station.get(probe.channel().send(Message.binary(large)));
        assertThat(received.poll(Station.PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("answer");
        assertThat((byte[]) received.poll(Station.PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isEqualTo(large);
        Station.get(probe.channel().close());
        assertThat(received.poll(Station.PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("closed 1000");
    }

    @Test
    void ourClientTalksToTheLibrarysServer() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        List<String> resources = new ArrayList<>();
        WebSocketServer server = new WebSocketServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1) {
            @Override
            public void onOpen(org.java_websocket.WebSocket socket, ClientHandshake handshake) {
                resources.add(handshake.getResourceDescriptor() + " " + handshake.getFieldValue("Host"));
            }

            @Override
            public void onClose(org.java_websocket.WebSocket socket, int code, String reason, boolean remote) {}

            @Override
            public void onMessage(org.java_websocket.WebSocket socket, String message) {
                socket.send(message);
            }

            @Override
            public void onMessage(org.java_websocket.WebSocket socket, ByteBuffer message) {
                socket.send(message);
            }

            @Override
            public void onError(org.java_websocket.WebSocket socket, Exception e) {}

            @Override
            public void onStart() {
                started.countDown();
            }
        };
        server.setDaemon(true);
        server.start();
        try {
            assertThat(started.await(Station.PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
            String host = "127.0.0.1:" + server.getPort();
            Probe probe = station.probe(station.dial("ws://" + host + "/some/path"), 100);
            byte[] large = random(3, 1 << 20);
            Station.get(probe.channel().send(Message.text("é")));
            Station.get(probe.channel().send(Message.binary(large)));
            Station.get(probe.channel().send(Message.binary(new byte[0])));

            List<Message> echoes = probe.await(3);
            assertThat(echoes.get(0)).extracting(Message::kind).isEqualTo(Message.Kind.TEXT);
            assertThat(new String(echoes.get(0).payload(), StandardCharsets.UTF_8))
                    .isEqualTo("é");
            assertThat(echoes.get(1).payload()).isEqualTo(large);
            assertThat(echoes.get(2).size()).isZero();
            assertThat(resources).containsExactly("/some/path " + host);
            Station.get(probe.channel().close());
            assertThat(probe.awaitClose()).isEqualTo(CloseReason.LOCAL);
        } finally {
            server.stop(1000);
        }
    }

    @Test
    void aMessageTooLargeForTheJdksClientIsNoneForUs() throws Exception {
        // The other way round: what is too large for us is told to it.
        JdkListener listener = new JdkListener();
        WebSocket client = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(station.listenAnywhere()), listener)
                .get(Station.PATIENCE_SECONDS, TimeUnit.SECONDS);
        Probe probe = station.probe(station.arrival(), 1);
        var unused = client.sendBinary(ByteBuffer.allocate((1 << 20) + 1), true);
        assertThat(probe.awaitClose().failure().kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        assertThat(listener.next()).isEqualTo("closed 1009");
    }
}
