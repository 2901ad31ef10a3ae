package dev.livesync.transport.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.tck.internal.TestContext;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a hub does that the kit doesn't ask, or can't where the port belongs to a container. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
abstract class HubRules {
    private static final Duration AMPLE = Duration.ofMinutes(1);

    /** Messages of 32 KiB, more than the operating system and both ends take with nobody reading. */
    private static final int FLOOD = 700;

    private TestContext context;
    private final List<Inbox> accepted = new CopyOnWriteArrayList<>();
    private Container container;
    private ServletTransportProvider hub;
    private DialingTransport listener;
    private DialingTransport dialler;

    /** Starts a container. */
    abstract Container start(Duration patience) throws Exception;

    /** What the page says of it. */
    abstract boolean pausesReading();

    @BeforeEach
    void open() throws Exception {
        open(Duration.ofSeconds(30));
    }

    private void open(Duration patience) throws Exception {
        context = new TestContext(TestContext.ContextLimits.of(64 << 10, AMPLE, AMPLE));
        container = start(patience);
        hub = container.hub(ServletConfiguration.builder("/hub")
                .allowedOrigins(Set.of("https://example.org"))
                .maxConnections(2)
                .build());
        listener = (DialingTransport) hub.open(context);
        dialler = (DialingTransport) new WebSocketTransportProvider().open(context);
    }

    @AfterEach
    void close() throws Exception {
        dialler.close();
        listener.close();
        container.close();
        context.close();
    }

    private Listening listen() {
        return listener.listen(hub.localAddress(), channel -> accepted.add(new Inbox(channel)))
                .toCompletableFuture()
                .join();
    }

    private String address() {
        return "ws://127.0.0.1:" + container.port() + "/hub";
    }

    private Inbox dial() {
        return new Inbox(dialler.dial(address()).toCompletableFuture().join());
    }

    private void assertRefused(int status) {
        assertThat(dialler.dial(address()))
                .failsWithin(AMPLE)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.REFUSED))
                .withMessageContaining(Integer.toString(status));
    }

    @Test
    void aListenerThatIsClosedLeavesItsChannels() {
        Listening listening = listen();
        Inbox near = dial();
        await().until(() -> accepted.size() == 1);
        listening.close();
        listening.close();
        assertRefused(503);

        near.send("lives on");
        await().untilAsserted(() -> assertThat(accepted.get(0).texts).containsExactly("lives on"));

        listen();
        dial();
        await().until(() -> accepted.size() == 2);
    }

    @Test
    void whereTheTransportIsClosedNobodyIsLetIn() {
        listen();
        Inbox near = dial();
        await().until(() -> accepted.size() == 1);
        listener.close();
        assertThat(accepted.get(0).closed()).isTrue();
        await().until(near::closed);
        assertRefused(503);
    }

    @Test
    void aPlaceIsFreeAgainWhenItsConnectionHasEnded() {
        listen();
        Inbox first = dial();
        Inbox second = dial();
        assertRefused(503);
        first.channel.close();
        await().until(() -> accepted.stream().anyMatch(Inbox::closed));
        await().ignoreExceptionsInstanceOf(CompletionException.class).until(() -> dial() != null);
        assertThat(second.closed()).isFalse();
        assertRefused(503);
    }

    @Test
    void itSaysWhatTheContainerCan() {
        assertThat(hub.features().contains(TransportFeature.INBOUND_BACKPRESSURE))
                .isEqualTo(pausesReading());
    }

    @Test
    void requestsThatAreNoPeersAreAnswered() throws Exception {
        assertThat(status("Accept", "*/*")).isEqualTo(426);
        assertThat(status("Origin", "https://example.com")).isEqualTo(403);
        assertThat(status("Origin", "HTTPS://example.org")).isEqualTo(426);
    }

    private int status(String header, String value) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address().replace("ws:", "http:")))
                                .header(header, value)
                                .build(),
                        BodyHandlers.ofString())
                .statusCode();
    }

    /** The core knows by itself when a peer has gone. */
    @Test
    void aConnectionMayBeSilentForLongerThanTheContainerWaits() throws Exception {
        close();
        Duration patience = Duration.ofMillis(200);
        open(patience);
        listen();
        Inbox near =
                await().ignoreExceptionsInstanceOf(CompletionException.class).until(this::dial, dialled -> true);
        await().during(patience.multipliedBy(5)).atMost(AMPLE).until(() -> !near.closed());
        near.send("still there");
        await().untilAsserted(() ->
                assertThat(accepted).anySatisfy(inbox -> assertThat(inbox.texts).containsExactly("still there")));
    }

    /** Of somebody else's software, which knows no limit of ours. */
    @Test
    void aMessageThatIsTooLargeEndsTheConnectionWithItsReason() throws Exception {
        listen();
        CompletableFuture<Integer> code = new CompletableFuture<>();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(address()), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
                        code.complete(status);
                        return null;
                    }
                })
                .join();
        await().until(() -> accepted.size() == 1);
        int most = accepted.get(0).channel.maxMessageBytes();
        var unused = socket.sendBinary(ByteBuffer.allocate(most + 1), true);
        assertThat(code).succeedsWithin(AMPLE).isEqualTo(1009);
        await().until(() -> accepted.get(0).closed());
        assertThat(accepted.get(0).reason.failure())
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED));
    }

    /** What nobody requests: Tomcat stops reading, and another container ends the connection before it takes memory. */
    @Test
    void whoSendsMoreThanAnybodyReadsIsHeldBackOrGivenUp() {
        List<Channel> unread = new CopyOnWriteArrayList<>();
        List<CloseReason> ends = new CopyOnWriteArrayList<>();
        listener.listen(hub.localAddress(), channel -> {
                    channel.start(new ChannelListener() {
                        @Override
                        public void onMessage(Message message) {}

                        @Override
                        public void onClosed(CloseReason why) {
                            ends.add(why);
                        }
                    });
                    unread.add(channel);
                })
                .toCompletableFuture()
                .join();
        Inbox near = dial();
        CompletableFuture<Integer> flood = CompletableFuture.supplyAsync(() -> {
            int taken = 0;
            for (; taken < FLOOD && !near.closed(); taken++) {
                try {
                    near.channel
                            .send(Message.binary(new byte[32 << 10]))
                            .toCompletableFuture()
                            .join();
                } catch (CompletionException e) {
                    return taken;
                }
            }
            return taken;
        });
        if (pausesReading()) {
            await().during(Duration.ofMillis(500)).atMost(AMPLE).until(() -> !flood.isDone() && ends.isEmpty());
            unread.get(0).request(Long.MAX_VALUE);
            assertThat(flood).succeedsWithin(AMPLE).isEqualTo(FLOOD);
        } else {
            await().until(() -> ends.size() == 1);
            assertThat(ends.get(0).failure())
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.OVERFLOW));
            await().until(near::closed);
        }
    }

    /** What has arrived at one end, and why it ended. */
    private static final class Inbox implements ChannelListener {
        final List<String> texts = new CopyOnWriteArrayList<>();
        final Channel channel;
        private volatile CloseReason reason;

        Inbox(Channel channel) {
            this.channel = channel;
            channel.start(this);
            channel.request(Long.MAX_VALUE);
        }

        void send(String text) {
            assertThat(channel.send(Message.text(text))).succeedsWithin(AMPLE);
        }

        boolean closed() {
            return reason != null;
        }

        @Override
        public void onMessage(Message message) {
            texts.add(new String(message.payload(), StandardCharsets.UTF_8));
        }

        @Override
        public void onClosed(CloseReason why) {
            reason = why;
        }
    }
}
