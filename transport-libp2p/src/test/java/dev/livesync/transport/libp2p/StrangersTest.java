package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.noise.X25519;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.internal.TestContext;
import dev.livesync.transport.support.BufferedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that mean harm: each is cut off, none reaches the acceptor, and an honest channel beside them lives on. */
class StrangersTest {
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private final List<TestContext> contexts = new ArrayList<>();
    private DialingTransport ours;
    private Listening at;
    private Channel honest;
    private final BlockingQueue<Message> heard = new LinkedBlockingQueue<>();

    @BeforeEach
    void open() throws Exception {
        ours = transport(Duration.ofSeconds(20));
        at = get(ours.listen("libp2p:/ip4/127.0.0.1/tcp/0", accepted::add));
        honest = get(ours.dial(at.address()));
        Channel echo = accepted.poll(20, TimeUnit.SECONDS);
        listen(echo, message -> {
            var unused = echo.send(message);
        });
        listen(honest, heard::add);
    }

    private void othersAreServed() throws Exception {
        get(honest.send(Message.text("still there?")));
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isNotNull();
    }

    @AfterEach
    void close() throws Exception {
        othersAreServed();
        assertThat(accepted).isEmpty();
        ours.close();
        contexts.forEach(TestContext::close);
    }

    private DialingTransport transport(Duration connectTimeout) {
        TestContext context = new TestContext(1 << 20, connectTimeout, Duration.ofSeconds(5));
        contexts.add(context);
        return (DialingTransport) new Libp2pTransportProvider(Libp2pConfiguration.builder()
                        .stallTimeout(Duration.ofSeconds(1))
                        .build())
                .open(context);
    }

    private static void listen(Channel channel, Consumer<Message> to) {
        listen(channel, to, reason -> {
            // seen by what no longer arrives
        });
    }

    private static void listen(Channel channel, Consumer<Message> to, Consumer<CloseReason> closed) {
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                to.accept(message);
            }

            @Override
            public void onClosed(CloseReason reason) {
                closed.accept(reason);
            }
        });
        channel.request(Long.MAX_VALUE);
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static StaticKey key() {
        return StaticKey.generate(Attacker.identity(), new SecureRandom());
    }

    @Test
    void whoBringsNothingTakesNobodysPlace() throws Exception {
        TestContext context = new TestContext(1 << 20, Duration.ofSeconds(20), Duration.ofSeconds(5));
        contexts.add(context);
        DialingTransport small = (DialingTransport) new Libp2pTransportProvider(Libp2pConfiguration.builder()
                        .maxConnections(2)
                        .maxPending(8)
                        .build())
                .open(context);
        BlockingQueue<Channel> arrived = new LinkedBlockingQueue<>();
        Listening there = get(small.listen("libp2p:/ip4/127.0.0.1/tcp/0", arrived::add));
        List<Attacker> silent = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            silent.add(new Attacker(there.address()));
        }
        Channel dialled = get(ours.dial(there.address()));
        Channel accepted = arrived.poll(20, TimeUnit.SECONDS);
        BlockingQueue<Message> brought = new LinkedBlockingQueue<>();
        listen(accepted, brought::add);
        get(dialled.send(Message.text("here I am")));
        assertThat(brought.poll(20, TimeUnit.SECONDS)).isNotNull();
        silent.get(0).awaitEnd();
        for (Attacker attacker : silent) {
            attacker.close();
        }
        small.close();
    }

    /** Neither a stream that pings nor one that says nothing keeps a place that another stream's message had got. */
    @ParameterizedTest
    @ValueSource(strings = {"\u0011/ipfs/ping/1.0.0\n", "\u0010/livesync/1.0.0\n"})
    void whoseStreamWithAMessageIsGoneTakesNobodysPlace(String other) throws Exception {
        TestContext context = new TestContext(1 << 20, Duration.ofSeconds(20), Duration.ofSeconds(5));
        contexts.add(context);
        DialingTransport small = (DialingTransport) new Libp2pTransportProvider(
                        Libp2pConfiguration.builder().maxConnections(1).build())
                .open(context);
        CompletableFuture<CloseReason> end = new CompletableFuture<>();
        BlockingQueue<Message> brought = new LinkedBlockingQueue<>();
        Listening there = get(small.listen(
                "libp2p:/ip4/127.0.0.1/tcp/0",
                channel -> listen(
                        channel,
                        message -> {
                            brought.add(message);
                            var unused = channel.send(message);
                        },
                        end::complete)));
        try (Attacker stranger = new Attacker(there.address()).authenticate()) {
            String greeting = "\u0013/multistream/1.0.0\n";
            stranger.data(Yamux.SYN, 1, (greeting + "\u0010/livesync/1.0.0\n").getBytes(StandardCharsets.UTF_8));
            stranger.data(0, 1, new byte[] {2, 1, 'x'});
            assertThat(brought.poll(20, TimeUnit.SECONDS)).isNotNull();
            stranger.data(Yamux.SYN, 3, (greeting + other).getBytes(StandardCharsets.UTF_8));
            stranger.yamux(Yamux.WINDOW_UPDATE, Yamux.RST, 1, 0);
            get(end);
            Channel dialled = get(ours.dial(there.address()));
            CompletableFuture<Boolean> served = new CompletableFuture<>();
            listen(dialled, message -> served.complete(true), reason -> served.complete(false));
            var unused = dialled.send(Message.text("here I am"));
            assertThat(get(served)).isTrue();
        } finally {
            small.close();
        }
    }

    @Test
    void aBadSignatureIsRefused() throws Exception {
        // Somebody else's payload: a signature, but of another key.
        StaticKey stolen = new StaticKey(key().pair(), key().payload());
        refusedWith(stolen);
        assertThatThrownBy(() -> StaticKey.verify(
                        stolen.payload(), X25519.raw(stolen.pair().getPublic())))
                .hasMessageContaining("signature");
    }

    @Test
    void aKeyOfAnotherTypeIsRefused() throws Exception {
        ByteArrayOutputStream publicKey = new ByteArrayOutputStream();
        Protobuf.write(publicKey, 1, IdentityKey.SECP256K1);
        Protobuf.write(publicKey, 2, new byte[33]);
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        Protobuf.write(payload, 1, publicKey.toByteArray());
        Protobuf.write(payload, 2, new byte[64]);
        refusedWith(new StaticKey(key().pair(), payload.toByteArray()));
    }

    private void refusedWith(StaticKey key) throws Exception {
        try (Attacker stranger = new Attacker(at.address())) {
            stranger.selectNoise();
            stranger.frame(stranger.thirdMessage(key));
            stranger.awaitEnd();
        }
    }

    @Test
    void aTruncatedHandshakeIsRefused() throws Exception {
        try (Attacker stranger = new Attacker(at.address())) {
            stranger.selectNoise();
            byte[] third = stranger.thirdMessage(key());
            stranger.frame(Arrays.copyOf(third, third.length - 20));
            stranger.awaitEnd();
        }
        try (Attacker stranger = new Attacker(at.address())) {
            stranger.selectNoise();
            stranger.thirdMessage(key());
            stranger.raw(new byte[] {1, 0, 5});
            stranger.endOutput();
            stranger.awaitEnd();
        }
    }

    @Test
    void aReplayedHandshakeIsRefused() throws Exception {
        StaticKey key = key();
        byte[] third;
        try (Attacker first = new Attacker(at.address())) {
            first.selectNoise();
            third = first.thirdMessage(key);
            first.frame(third);
        }
        try (Attacker second = new Attacker(at.address())) {
            second.selectNoise();
            second.thirdMessage(key);
            second.frame(third);
            second.awaitEnd();
        }
    }

    @Test
    void whoeverSaysNothingOrDribblesIsCutOff() throws Exception {
        DialingTransport hasty = transport(Duration.ofMillis(500));
        Listening there = get(hasty.listen("libp2p:/ip4/127.0.0.1/tcp/0", accepted::add));
        try (Attacker silent = new Attacker(there.address());
                Attacker slow = new Attacker(there.address())) {
            slow.raw(new byte[] {0x13, '/'});
            silent.awaitEnd();
            slow.awaitEnd();
        }
        hasty.close();
    }

    @Test
    void aHundredThousandStreamsAreTooMany() throws Exception {
        try (Attacker greedy = new Attacker(at.address()).authenticate()) {
            assertThatThrownBy(() -> {
                        byte[] headers = new byte[1_000 * Yamux.HEADER];
                        for (int i = 0; i < 100_000; i++) {
                            int at = i % 1_000 * Yamux.HEADER;
                            Yamux.header(headers, at, Yamux.WINDOW_UPDATE, Yamux.SYN, 2 * i + 1, 0);
                            if (i % 1_000 == 999) {
                                greedy.secret(headers);
                            }
                        }
                        greedy.awaitEnd();
                        throw new IOException("ended");
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aWindowThatOverflowsIsAnError() throws Exception {
        try (Attacker greedy = new Attacker(at.address()).authenticate()) {
            greedy.yamux(Yamux.WINDOW_UPDATE, Yamux.SYN, 1, 0xffff_ffffL);
            greedy.awaitEnd();
        }
    }

    @Test
    void moreThanTheWindowIsAnError() throws Exception {
        try (Attacker greedy = new Attacker(at.address()).authenticate()) {
            greedy.yamux(Yamux.DATA, Yamux.SYN, 1, Yamux.INITIAL_WINDOW + 1);
            greedy.awaitEnd();
        }
    }

    @Test
    void whoeverNeverReadsIsNotReadEither() throws Exception {
        try (Attacker deaf = new Attacker(at.address()).authenticate()) {
            byte[] pings = new byte[1_000 * Yamux.HEADER];
            for (int i = 0; i < 1_000; i++) {
                Yamux.header(pings, i * Yamux.HEADER, Yamux.PING, Yamux.SYN, 0, i);
            }
            // The sockets take some megabytes; then nobody takes anything, until the other side has had enough.
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 20_000; i++) {
                            deaf.secret(pings);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aMessageThatComesByteByByteHoldsNothingUp() throws Exception {
        try (Attacker slow = new Attacker(at.address()).authenticate()) {
            slow.data(
                    Yamux.SYN, 1, "\u0013/multistream/1.0.0\n\u0010/livesync/1.0.0\n".getBytes(StandardCharsets.UTF_8));
            slow.data(0, 1, new byte[] {(byte) 0x81, (byte) 0x80, 0x20, 1}); // half a megabyte is announced
            for (int i = 0; i < 100; i++) {
                slow.data(0, 1, new byte[1]);
            }
            BufferedChannel channel = (BufferedChannel) accepted.poll(20, TimeUnit.SECONDS);
            othersAreServed();
            assertThat(channel.waitingBytes()).isZero();
        }
    }

    @Test
    void whomWeDialHasToProveWhoItIs() throws Exception {
        StaticKey stolen = new StaticKey(key().pair(), key().payload());
        assertThat(dialFailure(ours, impostor -> impostor.frame(impostor.secondMessage(stolen))))
                .returns(ErrorKind.AUTHENTICATION, SyncException::kind)
                .hasMessageContaining("signature");
    }

    @Test
    void whomWeDialCannotCutTheHandshakeShort() throws Exception {
        assertThat(dialFailure(ours, impostor -> {
                    byte[] second = impostor.secondMessage(key());
                    impostor.frame(Arrays.copyOf(second, second.length - 20));
                }))
                .returns(ErrorKind.AUTHENTICATION, SyncException::kind)
                .hasMessageContaining("authenticate");
        assertThat(dialFailure(ours, impostor -> {
                    impostor.secondMessage(key());
                    impostor.raw(new byte[] {1, 0, 5});
                    impostor.endOutput();
                }))
                .returns(ErrorKind.REFUSED, SyncException::kind)
                .hasMessageContaining("handshake");
    }

    @Test
    void whomWeDialHasToAnswerInTime() throws Exception {
        DialingTransport hasty = transport(Duration.ofMillis(500));
        assertThat(dialFailure(hasty, impostor -> impostor.raw(new byte[] {0x13, '/'})))
                .returns(ErrorKind.TIMEOUT, SyncException::kind);
        hasty.close();
    }

    private interface Deed {
        void with(Attacker impostor) throws IOException;
    }

    /** What a dial of somebody fails with who does that, and who gets to know nothing of us afterwards. */
    private static SyncException dialFailure(DialingTransport from, Deed deed) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletionStage<Channel> dial = from.dial("libp2p:/ip4/127.0.0.1/tcp/" + server.getLocalPort());
            try (Attacker impostor = new Attacker(server.accept())) {
                deed.with(impostor);
                assertThat(catchThrowable(() -> get(dial))).hasCauseInstanceOf(SyncException.class);
                assertThat(impostor.awaitEnd()).as("bytes of a third message").isLessThan(64);
            }
            return (SyncException) dial.handle((channel, failure) -> failure)
                    .toCompletableFuture()
                    .get();
        }
    }
}
