package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Listening;
import dev.livesync.tck.internal.TestContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Dialling what is no proper listener, and addresses that policy forbids. */
class WebSocketDialTest {
    private final Station station =
            new Station(WebSocketConfiguration.defaults(), new TestContext(1 << 20, Duration.ofSeconds(10)));

    @AfterEach
    void close() {
        station.close();
    }

    /** A server for one connection; it answers once the request is there. */
    private static final class FakeServer implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        final CountDownLatch gone = new CountDownLatch(1);

        FakeServer(String answer, boolean closes) throws IOException {
            Thread thread = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    RawPeer peer = new RawPeer(socket);
                    peer.readHead();
                    peer.write(answer);
                    if (closes) {
                        peer.endOutput();
                    }
                    peer.readToEnd();
                } catch (IOException e) {
                    // a reset is an end as well
                } finally {
                    gone.countDown();
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        String address() {
            return "ws://127.0.0.1:" + server.getLocalPort() + "/";
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "HTTP/1.1 403 Forbidden, REFUSED, 403 Forbidden",
        "HTTP/1.1 200 OK, REFUSED, 200 OK",
        "HTTP/1.1 302 Found~Location: ws://127.0.0.1:1/, REFUSED, redirects are not followed",
        "HTTP/1.1 101 Switching Protocols, UNREACHABLE, does not fit",
        "HTTP/1.1 101 Switching Protocols~Upgrade: websocket~Connection: Upgrade~Sec-WebSocket-Accept: wrong, UNREACHABLE, does not fit",
        "SSH-2.0-OpenSSH_9, UNREACHABLE, something else than HTTP",
        "HTTP/1.1 1o1 Nonsense, UNREACHABLE, something else than HTTP"
    })
    void whateverAnswersIsUnderstood(String answer, ErrorKind kind, String words) throws Exception {
        try (FakeServer server = new FakeServer(answer.replace("~", "\r\n") + "\r\n\r\n", false)) {
            SyncException e = Station.failure(station.transport.dial(server.address()));
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e).hasMessageContaining(server.address()).hasMessageContaining(words);
            assertThat(server.gone.await(Station.PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("the connection was given up")
                    .isTrue();
        }
    }

    @Test
    void anAnswerThatDoesNotEndIsGivenUp() throws Exception {
        try (FakeServer server = new FakeServer("HTTP/1.1 101 Yes\r\n" + "X: y\r\n".repeat(5000), false)) {
            assertThat(Station.failure(station.transport.dial(server.address())).kind())
                    .isEqualTo(ErrorKind.UNREACHABLE);
        }
    }

    @Test
    void anEndInsteadOfAnAnswerIsARefusal() throws Exception {
        try (FakeServer server = new FakeServer("HTTP/1.1 10", true)) {
            assertThat(Station.failure(station.transport.dial(server.address())).kind())
                    .isEqualTo(ErrorKind.REFUSED);
        }
    }

    @Test
    void noAnswerIsATimeout() throws Exception {
        try (Station hasty = new Station(
                        WebSocketConfiguration.defaults(),
                        new TestContext(1 << 20, Duration.ofMillis(200), Duration.ofSeconds(10)));
                FakeServer server = new FakeServer("", false)) {
            SyncException e = Station.failure(hasty.transport.dial(server.address()));
            assertThat(e.kind()).isEqualTo(ErrorKind.TIMEOUT);
            assertThat(e).hasMessageContaining(server.address());
            server.close(); // on a busy machine time was over before there was a connection
            assertThat(server.gone.await(Station.PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    @Test
    void aCancelledDialGivesTheConnectionUp() throws Exception {
        try (FakeServer server = new FakeServer("", false)) {
            CompletableFuture<Channel> dial =
                    station.transport.dial(server.address()).toCompletableFuture();
            assertThat(dial.cancel(true)).isTrue();
            // The server thread may never have seen a connection: then there is none to give up.
            assertThat(dial).isCancelled();
        }
    }

    @Test
    void aHostThatNobodyKnowsIsUnreachable() throws Exception {
        SyncException e = Station.failure(station.transport.dial("wss://does-not-exist.invalid/"));
        assertThat(e.kind()).isEqualTo(ErrorKind.UNREACHABLE);
        assertThat(e).hasMessageContaining("does-not-exist.invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws://192.0.2.1:9/", "ws://0.0.0.0:9/", "ws://10.0.0.1/", "ws://[2001:db8::1]:9/"})
    void plainTextIsNotDialledBeyondThisMachine(String address) throws Exception {
        SyncException e = Station.failure(station.transport.dial(address));
        assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION);
        assertThat(e).hasMessageContaining("allowPlaintextOffLoopback");
    }

    @Test
    void plainTextIsNotListenedForBeyondThisMachineUnlessAllowed() throws Exception {
        SyncException e = Station.failure(station.transport.listen("ws://0.0.0.0:0/", station.arrivals::add));
        assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION);
        assertThat(e).hasMessageContaining("allowPlaintextOffLoopback");
        try (Station open = new Station(WebSocketConfiguration.behindProxy())) {
            Listening listening = open.listen("ws://0.0.0.0:0/");
            assertThat(listening.address()).matches("ws://0\\.0\\.0\\.0:[1-9][0-9]*/");
            open.probe(open.dial(listening.address()), 1);
            open.probe(open.arrival(), 1);
        }
    }

    @Test
    void anAddressOfAnotherMachineCannotBeListenedAt() throws Exception {
        try (Station open = new Station(WebSocketConfiguration.behindProxy())) {
            assertThat(Station.failure(open.transport.listen("ws://192.0.2.1:0/", open.arrivals::add))
                            .kind())
                    .isEqualTo(ErrorKind.CONFIGURATION);
        }
    }

    @Test
    void names() throws Exception {
        Listening listening = station.listen("ws://localhost:0/");
        assertThat(listening.address()).matches("ws://localhost:[1-9][0-9]*/");
        station.probe(station.dial(listening.address().replace("localhost", "LOCALHOST")), 1);
        station.probe(station.arrival(), 1);
    }

    @Test
    void ipv6Literals() throws Exception {
        CompletableFuture<Listening> listen =
                station.transport.listen("ws://[::1]:0/", station.arrivals::add).toCompletableFuture();
        Listening listening;
        try {
            listening = Station.get(listen);
        } catch (java.util.concurrent.ExecutionException e) {
            // A machine without IPv6: then the error says so.
            assertThat(((SyncException) e.getCause()).kind()).isEqualTo(ErrorKind.CONFIGURATION);
            assertThat(e.getCause()).hasMessageContaining("ws://[::1]:0/");
            return;
        }
        assertThat(listening.address()).matches("ws://\\[::1]:[1-9][0-9]*/");
        station.probe(station.dial(listening.address()), 1);
        assertThat(station.probe(station.arrival(), 1).channel().remote()).startsWith("[");
    }

    @Test
    void addressesAreReadAndWritten() {
        assertThat(Address.parse("ws://h").toString()).isEqualTo("ws://h:80/");
        assertThat(Address.parse("WSS://h/p%20q").toString()).isEqualTo("wss://h:443/p%20q");
        assertThat(Address.parse("ws://[2001:db8::1]:8080/x").host()).isEqualTo("2001:db8::1");
        assertThat(Address.parse("ws://h:80/").authority()).isEqualTo("h");
        assertThat(Address.parse("wss://[::1]:80/").authority()).isEqualTo("[::1]:80");
    }

    @Test
    void secretsInAnAddressAreNotRepeated() throws Exception {
        for (String address :
                new String[] {"ws://u:hush@127.0.0.1:1/", "ws://127.0.0.1:1/?hush", "ws://127.0.0.1:1/#hush"}) {
            assertThat(Station.failure(station.transport.dial(address))).hasMessageNotContaining("hush");
        }
    }
}
